//! What a statement does beyond the tables it names.

use sqlparser::ast::{
    AlterTableOperation, ContextModifier, ObjectName, ObjectType, Set, Statement, Truncate,
    UtilityOption, Value,
};
use sqlparser::ast::{CascadeOption, Expr};

use crate::Dialect;
use crate::analysis::Kind;

/// The parts of an analysis that follow from the kind of statement alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) kind: Kind,
    pub(super) flushes: bool,
    pub(super) changes_schema: bool,
    /// Data-modifying statements inside it are carried out.
    pub(super) writes_count: bool,
}

const READ: Effect =
    Effect { kind: Kind::Read, flushes: false, changes_schema: false, writes_count: true };
pub(super) const WRITE: Effect = Effect { kind: Kind::Write, ..READ };
const CONTROL: Effect = Effect { kind: Kind::Control, ..READ };
const SCHEMA: Effect = Effect { changes_schema: true, ..WRITE };
const UNKNOWN: Effect =
    Effect { kind: Kind::Unknown, flushes: true, changes_schema: true, writes_count: true };

impl Effect {
    fn flushing(self, flushes: bool) -> Self {
        Self { flushes, ..self }
    }
}

pub(super) fn of(statement: &Statement, dialect: Dialect) -> Effect {
    match statement {
        Statement::Query(_) => READ,
        Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_) => WRITE,
        Statement::Copy { to: true, .. } => CONTROL,
        Statement::Copy { to: false, .. } => WRITE,
        Statement::LoadData { .. } => WRITE,
        Statement::Truncate(truncate) => WRITE.flushing(cascades(truncate)),
        Statement::Explain { analyze, options, statement, .. } => {
            if *analyze || executes(options.as_deref()) {
                explained(of(statement, dialect))
            } else {
                Effect { writes_count: false, ..CONTROL }
            }
        }
        _ => schema(statement).unwrap_or_else(|| session(statement, dialect)),
    }
}

/// What is executed has its effects; what it returns is a plan.
fn explained(effect: Effect) -> Effect {
    let kind = if effect.kind == Kind::Read { Kind::Control } else { effect.kind };
    Effect { kind, ..effect }
}

fn schema(statement: &Statement) -> Option<Effect> {
    Some(match statement {
        Statement::CreateTable(create) => SCHEMA.flushing(create.or_replace),
        Statement::CreateVirtualTable { .. }
        | Statement::CreateIndex(_)
        | Statement::RenameTable(_) => SCHEMA,
        // What reads a view knows the tables below it as they were.
        Statement::CreateView(_) | Statement::AlterView { .. } => SCHEMA.flushing(true),
        Statement::AlterTable(alter) => SCHEMA.flushing(!alter.operations.iter().all(is_local)),
        Statement::Drop { object_type, cascade, .. } => match object_type {
            ObjectType::Table | ObjectType::Index => SCHEMA.flushing(*cascade),
            _ => SCHEMA.flushing(true),
        },
        Statement::DropTrigger(_) | Statement::CreateTrigger(_) | Statement::CreateFunction(_) => {
            SCHEMA.flushing(true)
        }
        _ => return None,
    })
}

fn session(statement: &Statement, dialect: Dialect) -> Effect {
    match statement {
        Statement::Commit { .. } => CONTROL.flushing(true),
        // MySQL commits what was open. A block with statements in it may do anything.
        Statement::StartTransaction { statements, .. } => {
            if statements.is_empty() {
                CONTROL.flushing(dialect == Dialect::MySql)
            } else {
                UNKNOWN
            }
        }
        // In SQLite the release of the outermost savepoint commits.
        Statement::ReleaseSavepoint { .. } => CONTROL.flushing(dialect == Dialect::Sqlite),
        Statement::Set(set) => CONTROL.flushing(weighty(set)),
        Statement::Reset(_) | Statement::Use(_) => CONTROL,
        Statement::LockTables { .. } => CONTROL.flushing(true),
        // VACUUM may renumber rowids.
        Statement::Vacuum(_) => CONTROL.flushing(dialect == Dialect::Sqlite),
        // MariaDB's `ANALYZE UPDATE ..` executes the statement.
        Statement::Analyze(analyze) if dialect == Dialect::MySql && !analyze.has_table_keyword => {
            UNKNOWN
        }
        Statement::Analyze(_) => CONTROL,
        Statement::Prepare { .. } => Effect { writes_count: false, ..CONTROL },
        _ => {
            if is_quiet(statement) {
                CONTROL
            } else {
                UNKNOWN
            }
        }
    }
}

/// Session commands that neither change data nor what later reads mean for other connections.
fn is_quiet(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::Rollback { .. }
            | Statement::Savepoint { .. }
            | Statement::ExplainTable { .. }
            | Statement::Pragma { .. }
            | Statement::Lock(_)
            | Statement::UnlockTables
            | Statement::LISTEN { .. }
            | Statement::UNLISTEN { .. }
            | Statement::NOTIFY { .. }
            | Statement::Kill { .. }
            | Statement::Flush { .. }
            | Statement::Discard { .. }
            | Statement::Deallocate { .. }
            | Statement::Declare { .. }
            | Statement::Fetch { .. }
            | Statement::Close { .. }
            | Statement::Comment { .. }
            | Statement::OptimizeTable { .. }
    ) || is_show(statement)
}

fn is_show(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::ShowFunctions { .. }
            | Statement::ShowVariable { .. }
            | Statement::ShowStatus { .. }
            | Statement::ShowVariables { .. }
            | Statement::ShowCreate { .. }
            | Statement::ShowColumns { .. }
            | Statement::ShowDatabases { .. }
            | Statement::ShowProcessList { .. }
            | Statement::ShowSchemas { .. }
            | Statement::ShowCharset(_)
            | Statement::ShowTables { .. }
            | Statement::ShowViews { .. }
            | Statement::ShowCollation { .. }
    )
}

/// The rows of tables that reference these are removed too.
fn cascades(truncate: &Truncate) -> bool {
    truncate.cascade == Some(CascadeOption::Cascade)
}

/// `EXPLAIN (ANALYZE ..)`. An option that cannot be read counts as on.
fn executes(options: Option<&[UtilityOption]>) -> bool {
    let off = |option: &UtilityOption| match &option.arg {
        Some(Expr::Identifier(word)) => {
            ["off", "false"].iter().any(|off| word.value.eq_ignore_ascii_case(off))
        }
        Some(Expr::Value(value)) => match &value.value {
            Value::Boolean(on) => !on,
            Value::Number(number, _) => number == "0",
            _ => false,
        },
        _ => false,
    };
    options.is_some_and(|options| {
        options
            .iter()
            .any(|option| option.name.value.eq_ignore_ascii_case("analyze") && !off(option))
    })
}

/// Changes to a table that show in reads of this table alone.
fn is_local(operation: &AlterTableOperation) -> bool {
    use AlterTableOperation as Op;
    matches!(
        operation,
        Op::AddConstraint { .. }
            | Op::AddColumn { .. }
            | Op::DropConstraint { .. }
            | Op::DropColumn { .. }
            | Op::DropPrimaryKey { .. }
            | Op::DropForeignKey { .. }
            | Op::DropIndex { .. }
            | Op::RenameColumn { .. }
            | Op::RenameTable { .. }
            | Op::ChangeColumn { .. }
            | Op::ModifyColumn { .. }
            | Op::RenameConstraint { .. }
            | Op::AlterColumn { .. }
            | Op::AttachPartition { .. }
            | Op::DetachPartition { .. }
            | Op::ValidateConstraint { .. }
            | Op::AutoIncrement { .. }
            | Op::ReplicaIdentity { .. }
    )
}

/// Settings of other sessions than this one, and the one that commits.
fn weighty(set: &Set) -> bool {
    let heavy = |name: &ObjectName| {
        let name = name.to_string().to_ascii_lowercase();
        name.ends_with("autocommit")
            || name.starts_with("@@global")
            || name.starts_with("@@persist")
    };
    let shared = |scope: &Option<ContextModifier>| *scope == Some(ContextModifier::Global);
    match set {
        Set::SingleAssignment { scope, variable, .. } => shared(scope) || heavy(variable),
        Set::ParenthesizedAssignments { variables, .. } => variables.iter().any(heavy),
        Set::MultipleAssignments { assignments } => {
            assignments.iter().any(|one| shared(&one.scope) || heavy(&one.name))
        }
        _ => false,
    }
}
