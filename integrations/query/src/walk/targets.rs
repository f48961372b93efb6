//! Which tables a statement writes.

use sqlparser::ast::{
    AlterTable, AlterTableOperation, Assignment, AssignmentTarget, CopySource, CreateTable, Delete,
    Expr, FromTable, Ident, Insert, Merge, ObjectName, ObjectType, RenameTableNameKind, Select,
    Statement, TableFactor, TableObject, TableWithJoins, Update,
};

use super::Walker;
use crate::Dialect;
use crate::analysis::{Bypass, BypassReason, Changes};

impl Walker<'_> {
    /// Notes what this statement, not those inside it, writes.
    pub(super) fn statement_targets(&mut self, statement: &Statement) {
        self.changes |= changes(statement);
        match statement {
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
            Statement::Copy { source: CopySource::Table { table_name, .. }, to, .. } => {
                if *to {
                    self.relation(table_name);
                } else {
                    self.target(table_name);
                }
            }
            Statement::LoadData { table_name, .. } => self.target(table_name),
            Statement::Truncate(truncate) => {
                truncate.table_names.iter().for_each(|table| self.target(&table.name));
            }
            _ => self.schema_targets(statement),
        }
    }

    fn schema_targets(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateTable(create) => self.create_table(create),
            Statement::CreateVirtualTable { name, .. } => self.target(name),
            Statement::CreateView(view) => self.target(&view.name),
            Statement::AlterView { name, .. } => self.target(name),
            Statement::CreateIndex(index) => self.target(&index.table_name),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::RenameTable(renames) => {
                for rename in renames {
                    self.target(&rename.old_name);
                    self.target(&rename.new_name);
                }
            }
            Statement::Drop { object_type, names, .. } => {
                let named = [ObjectType::Table, ObjectType::View, ObjectType::MaterializedView];
                if named.contains(object_type) {
                    names.iter().for_each(|name| self.target(name));
                }
            }
            _ => {}
        }
    }

    /// A name that is written, and not read for being written.
    fn target(&mut self, name: &ObjectName) {
        self.not_reads.push(name);
        self.write(name);
    }

    fn insert(&mut self, insert: &Insert) {
        self.modifies = true;
        match &insert.table {
            TableObject::TableName(name) => self.target(name),
            TableObject::TableFunction(_) | TableObject::TableQuery(_) => self.flushes = true,
        }
        self.flushes |= insert.multi_table_insert_type.is_some();
    }

    fn merge(&mut self, merge: &Merge) {
        self.modifies = true;
        self.flushes |= merge.clauses.is_empty();
        match &merge.table {
            TableFactor::Table { name, .. } => self.target(name),
            _ => self.flushes = true,
        }
    }

    fn delete(&mut self, delete: &Delete) {
        self.modifies = true;
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let named = factors(from);
        match &delete.using {
            // In MySQL the names before USING are names or aliases of what follows it.
            Some(using) if self.dialect() == Dialect::MySql => {
                let targets: Vec<_> = named.iter().map(|source| source.name).collect();
                self.targets_among(&targets, &factors(using));
                self.not_reads.extend(targets.into_iter().map(std::ptr::from_ref));
            }
            _ if delete.tables.is_empty() => self.all_targets(&named, from),
            _ => self.targets_among(&delete.tables.iter().collect::<Vec<_>>(), &named),
        }
    }

    fn targets_among(&mut self, targets: &[&ObjectName], sources: &[Source<'_>]) {
        for target in targets {
            let last = target.0.last().and_then(|part| part.as_ident());
            if !last.is_some_and(|name| self.mark(name, sources)) {
                self.target(target);
            }
        }
    }

    fn update(&mut self, update: &Update) {
        self.modifies = true;
        let named = factors(std::slice::from_ref(&update.table));
        if let [only] = named.as_slice()
            && update.table.joins.is_empty()
        {
            self.target(only.name);
            return;
        }
        let owners: Option<Vec<_>> = update.assignments.iter().map(owner).collect();
        let all_marked = owners.is_some_and(|owners| {
            !owners.is_empty() && owners.iter().all(|owner| self.mark(owner, &named))
        });
        if !all_marked {
            self.all_targets(&named, std::slice::from_ref(&update.table));
        }
    }

    /// Marks the source with this name or alias as a target.
    fn mark(&mut self, name: &Ident, sources: &[Source<'_>]) -> bool {
        let dialect = self.dialect();
        let wanted = dialect.fold(name);
        let found: Vec<_> =
            sources.iter().filter(|source| source.is_called(&wanted, dialect)).collect();
        found.iter().for_each(|source| self.target(source.name));
        !found.is_empty()
    }

    fn all_targets(&mut self, named: &[Source<'_>], tables: &[TableWithJoins]) {
        self.flushes |= named.is_empty() && !tables.is_empty();
        named.iter().for_each(|source| self.target(source.name));
    }

    fn create_table(&mut self, create: &CreateTable) {
        self.target(&create.name);
        // What reads the parents reads the new table from now on.
        create.inherits.iter().flatten().chain(&create.partition_of).for_each(|parent| {
            self.target(parent);
        });
        if create.temporary {
            self.temporary(create.name.to_string());
        }
    }

    fn temporary(&mut self, name: String) {
        self.flushes = true;
        let bypass = Bypass::new(BypassReason::TemporaryTable, name);
        self.obstacle(
            bypass.with_mend("from here on the name means another table on this connection"),
        );
    }

    fn alter_table(&mut self, alter: &AlterTable) {
        self.target(&alter.name);
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::RenameTable { table_name } => {
                    let (RenameTableNameKind::As(name) | RenameTableNameKind::To(name)) =
                        table_name;
                    self.target(name);
                }
                AlterTableOperation::SwapWith { table_name } => self.target(table_name),
                _ => {}
            }
        }
    }

    /// `SELECT .. INTO`: a new table, or in MySQL a variable.
    pub(super) fn select_into(&mut self, select: &Select) {
        let Some(into) = &select.into else { return };
        if self.dialect() == Dialect::MySql {
            self.obstacle(Bypass::new(BypassReason::Session, "SELECT .. INTO"));
            return;
        }
        self.modifies = true;
        self.changes_schema = true;
        for target in &into.targets {
            match name_of(target) {
                Some(name) => self.write(&name),
                None => self.flushes = true,
            }
        }
        if into.temporary {
            self.temporary("SELECT .. INTO".to_owned());
        }
    }
}

/// What this statement, not those inside it, does to rows.
fn changes(statement: &Statement) -> Changes {
    match statement {
        Statement::Insert(insert) => inserts(insert),
        Statement::Update(_) => Changes::UPDATE,
        Statement::Delete(_) => Changes::DELETE,
        Statement::Truncate(_) => Changes::TRUNCATE,
        Statement::Copy { .. } => Changes::INSERT,
        Statement::Query(_) | Statement::Explain { .. } => Changes::NONE,
        // SQLite removes the rows first, and what refers to them follows. Elsewhere nothing refers to
        // a table that can be dropped.
        Statement::Drop { object_type: ObjectType::Table, .. } => Changes::DELETE,
        // Triggers and foreign keys do not follow what becomes of a table itself.
        Statement::CreateTable(_)
        | Statement::CreateVirtualTable { .. }
        | Statement::CreateIndex(_)
        | Statement::AlterTable(_)
        | Statement::RenameTable(_) => Changes::NONE,
        _ => Changes::ALL,
    }
}

/// One that meets a row of the same key may change it, or put itself in its place.
fn inserts(insert: &Insert) -> Changes {
    let meets = insert.on.is_some() || insert.replace_into || insert.or.is_some();
    match meets {
        false => Changes::INSERT,
        true if insert.replace_into || insert.or.is_some() => Changes::ALL,
        true => Changes::INSERT | Changes::UPDATE,
    }
}

fn name_of(expr: &Expr) -> Option<ObjectName> {
    match expr {
        Expr::Identifier(ident) => Some(ObjectName::from(vec![ident.clone()])),
        Expr::CompoundIdentifier(parts) => Some(ObjectName::from(parts.clone())),
        _ => None,
    }
}

/// A table in the `FROM` of a data-modifying statement.
struct Source<'a> {
    name: &'a ObjectName,
    alias: Option<&'a Ident>,
}

impl Source<'_> {
    fn is_called(&self, wanted: &str, dialect: Dialect) -> bool {
        let own = self.name.0.last().and_then(|part| part.as_ident());
        self.alias.or(own).is_some_and(|ident| *dialect.fold(ident) == *wanted)
    }
}

fn factors(tables: &[TableWithJoins]) -> Vec<Source<'_>> {
    let mut found = Vec::new();
    let mut open: Vec<&TableFactor> = tables.iter().rev().flat_map(parts).collect();
    while let Some(factor) = open.pop() {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                found.push(Source { name, alias: alias.as_ref().map(|alias| &alias.name) });
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                open.extend(parts(table_with_joins));
            }
            _ => {}
        }
    }
    found
}

fn parts(table: &TableWithJoins) -> impl Iterator<Item = &TableFactor> {
    std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation))
}

/// The table that an assignment is qualified with: the `a` of `a.x = 1`.
fn owner(assignment: &Assignment) -> Option<&Ident> {
    let AssignmentTarget::ColumnName(column) = &assignment.target else {
        return None;
    };
    let [.., owner, _] = column.0.as_slice() else {
        return None;
    };
    owner.as_ident()
}
