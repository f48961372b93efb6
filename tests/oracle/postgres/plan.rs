//! Reads a plan in JSON.

use serde_json::Value;

use super::catalog::Catalog;
use crate::account::Account;

/// The relations of all nodes of a plan and of its sub-plans.
pub(super) fn account(plan: &Value, catalog: &Catalog) -> Account {
    let mut account = Account::default();
    let mut open = vec![plan];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                open.extend(fields.values());
                let text = |key: &str| fields.get(key).and_then(Value::as_str);
                // The targets of a write of several tables have no operation of their own.
                let written = text("Operation").is_some() || text("Node Type").is_none();
                if let (Some(schema), Some(name)) = (text("Schema"), text("Relation Name")) {
                    note(&mut account, catalog, (schema, name), written);
                }
            }
            _ => {}
        }
    }
    account
}

fn note(account: &mut Account, catalog: &Catalog, (schema, name): (&str, &str), written: bool) {
    if ["pg_catalog", "information_schema"].contains(&schema) {
        account.catalog = true;
        return;
    }
    let table = catalog.named(schema, name);
    let side = if written { &mut account.writes } else { &mut account.reads };
    side.insert(table);
}
