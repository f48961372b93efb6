//! What is asked and what is written, drawn from a seed.

use rand::Rng;
use rand::rngs::SmallRng;

/// The tables. Each has a row 0, whose version grows with every write to the table and is locked by
/// it first, so that the versions of a table are in the order of the commits.
pub(super) const TABLES: [&str; 4] = ["cake", "fruit", "spice", "herb"];

/// The table that is watched, to which others write who know nothing of the cache. It is never dropped:
/// its triggers would go with it. The other tables have none: what a relay invalidates once more would
/// hide what a wrapper leaves out.
pub(super) const WATCHED: usize = 3;

/// The other rows, of which some are there.
const ROWS: std::ops::Range<i64> = 1..7;

/// What the version of a table that is filled anew is larger by: where DDL commits by itself,
/// somebody else may have written since it was read.
pub(super) const LEAP: i64 = 1_000;

/// Where a read shows the version of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    Nothing,
    /// In the first row.
    Version,
}

/// What a read is as a select of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Select {
    /// All rows above an id.
    Above,
    /// The first row and another.
    Few,
    /// One row by its key.
    Row,
    /// None that an entity has: its SQL.
    Other,
}

/// A query of one parameter, whose rows are an id, a version and a name.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) sql: String,
    pub(super) bind: i64,
    pub(super) tables: Vec<usize>,
    pub(super) shows: Shows,
    pub(super) select: Select,
    pub(super) form: Form,
}

/// How a query is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    All,
    Shared,
    First,
    One,
    Stream,
    Typed,
    Detached,
    TagsOfRows,
    Connection,
    Scalar,
    /// Rows as the driver has them, of whatever columns there are.
    Cells,
}

const FORMS: [Form; 9] = [
    Form::All,
    Form::Shared,
    Form::First,
    Form::One,
    Form::Stream,
    Form::Typed,
    Form::Detached,
    Form::TagsOfRows,
    Form::Connection,
];

/// Each query on the tables `t` and `u`.
fn queries(t: usize, u: usize) -> [(String, Vec<usize>, Shows); 9] {
    let (a, b) = (TABLES[t], TABLES[u]);
    let one = |sql, shows| (sql, vec![t], shows);
    let two = |sql| (sql, vec![t, u], Shows::Nothing);
    [
        one(
            format!("SELECT id, version, name FROM {a} WHERE id > $1 - 100 ORDER BY id"),
            Shows::Version,
        ),
        one(
            format!("SELECT id, version, name FROM {a} WHERE id IN (0, $1) ORDER BY id"),
            Shows::Version,
        ),
        one(format!("SELECT id, version, name FROM {a} WHERE id = $1"), Shows::Nothing),
        one(
            format!(
                "SELECT id % 2, max(version), min(name) FROM {a} WHERE id <> $1
                 GROUP BY id % 2 ORDER BY 1"
            ),
            Shows::Nothing,
        ),
        two(format!(
            "SELECT x.id, y.version, x.name FROM {a} x JOIN {b} y ON y.id = x.id
             WHERE x.id <> $1 ORDER BY x.id"
        )),
        two(format!(
            "SELECT id, (SELECT max(version) FROM {b}), name FROM {a} WHERE id >= $1 ORDER BY id"
        )),
        two(format!(
            "SELECT id, version, name FROM {a} WHERE id >= $1
             UNION ALL SELECT id, version, name FROM {b} WHERE id < 2 ORDER BY 2, 1, 3"
        )),
        two(format!(
            "WITH few AS (SELECT * FROM {a} WHERE id <= $1)
             SELECT id, version, name FROM few
             WHERE NOT EXISTS (SELECT 1 FROM {b} y WHERE y.id = few.id AND y.id > 3) ORDER BY id"
        )),
        two(format!(
            "SELECT x.id, x.version, y.name FROM {a} x LEFT JOIN {b} y ON y.id = x.id + 1
             WHERE x.id = $1"
        )),
    ]
}

impl Read {
    pub(super) fn random(random: &mut SmallRng) -> Self {
        let t = random.random_range(0..TABLES.len());
        let u = (t + random.random_range(1..TABLES.len())) % TABLES.len();
        match random.random_range(0..12) {
            0 => Self::scalar(t),
            1 => Self::cells(t),
            _ => {
                let queries = queries(t, u);
                let number = random.random_range(0..queries.len());
                let (sql, tables, shows) = queries[number].clone();
                let form = FORMS[random.random_range(0..FORMS.len())];
                let bind = random.random_range(ROWS);
                Self { sql, bind, tables, shows, select: Self::select(number), form }
            }
        }
    }

    /// All that are compared while nobody writes.
    pub(super) fn corpus() -> Vec<Self> {
        let mut reads = Vec::new();
        for t in 0..TABLES.len() {
            reads.extend([Self::scalar(t), Self::cells(t)]);
            for (number, (sql, tables, shows)) in
                queries(t, (t + 1) % TABLES.len()).into_iter().enumerate()
            {
                let bind = ROWS.start + i64::try_from(number).unwrap() % 3;
                let form = FORMS[(number + t) % FORMS.len()];
                reads.push(Self { sql, bind, tables, shows, select: Self::select(number), form });
            }
        }
        reads
    }

    /// What the query of a number is.
    fn select(number: usize) -> Select {
        [Select::Above, Select::Few, Select::Row].get(number).copied().unwrap_or(Select::Other)
    }

    fn scalar(t: usize) -> Self {
        let sql = format!("SELECT version FROM {} WHERE id = $1", TABLES[t]);
        let (tables, shows, select) = (vec![t], Shows::Version, Select::Other);
        Self { sql, bind: 0, tables, shows, select, form: Form::Scalar }
    }

    fn cells(t: usize) -> Self {
        let sql = format!("SELECT * FROM {} WHERE id <> $1 ORDER BY id", TABLES[t]);
        let (tables, shows, select) = (vec![t], Shows::Nothing, Select::Other);
        Self { sql, bind: -1, tables, shows, select, form: Form::Cells }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Update,
    Insert,
    Delete,
    /// Of which the inner half is kept, or not.
    Savepoint(bool),
    Refill,
    Recreate,
    /// Two tables change their names.
    Swap,
    AddColumn,
    DropColumn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// One statement that commits by itself.
    Statement,
    Commit,
    Rollback,
    Drop,
    /// Past the wrapper, or through it with its invalidation off; then invalidated by hand.
    ByHand(bool),
    /// By somebody who knows nothing of the cache, to the table that is watched.
    Outside,
    /// The defect: past the wrapper, and nobody is told.
    Around,
}

#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) change: Change,
    pub(super) way: Way,
    /// In order, so that writers seldom wait for each other.
    pub(super) tables: Vec<usize>,
    pub(super) row: i64,
    pub(super) name: Option<String>,
}

impl Write {
    pub(super) fn random(random: &mut SmallRng) -> Self {
        let change = match random.random_range(0..40) {
            0..16 => Change::Update,
            16..22 => Change::Insert,
            22..28 => Change::Delete,
            28..34 => Change::Savepoint(random.random()),
            34 | 35 => Change::Refill,
            36 => Change::Recreate,
            37 => Change::Swap,
            38 => Change::AddColumn,
            _ => Change::DropColumn,
        };
        let way = match random.random_range(0..12) {
            _ if change.is_ddl() => Way::Commit,
            0..3 => Way::Statement,
            3 => Way::ByHand(random.random()),
            4 | 5 => Way::Rollback,
            6 => Way::Drop,
            7 | 8 => Way::Outside,
            _ => Way::Commit,
        };
        let number = if change == Change::Swap { 2 } else { random.random_range(1..3) };
        let mut tables: Vec<_> = match change {
            _ if way == Way::Outside => vec![WATCHED],
            Change::Recreate | Change::Swap => (0..WATCHED).collect(),
            _ => (0..TABLES.len()).collect(),
        };
        while tables.len() > number {
            tables.remove(random.random_range(0..tables.len()));
        }
        let name = random.random_ratio(4, 5).then(|| format!("name {}", random.random::<u32>()));
        Self { change, way, tables, row: random.random_range(ROWS), name }
    }

    /// The change of one row, as any program would write it.
    pub(super) fn plainly(&self, table: &str, version: i64) -> Vec<String> {
        let Self { row, name, .. } = self;
        let name = name.as_ref().map_or_else(|| String::from("NULL"), |name| format!("'{name}'"));
        let delete = format!("DELETE FROM {table} WHERE id = {row}");
        match self.change {
            Change::Delete => vec![delete],
            Change::Insert => {
                let values = format!("({row}, {version}, {name})");
                vec![delete, format!("INSERT INTO {table} (id, version, name) VALUES {values}")]
            }
            _ => vec![format!(
                "UPDATE {table} SET version = {version}, name = {name} WHERE id = {row}"
            )],
        }
    }
}

impl Change {
    pub(super) fn is_ddl(self) -> bool {
        !matches!(self, Self::Update | Self::Insert | Self::Delete | Self::Savepoint(_))
    }
}
