//! Hands the nodes of the tree to those who know about them.

use std::convert::Infallible;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, ObjectName, Query, Select, SetExpr, Statement, TableFactor, ValueWithSpan, Visitor,
};

use super::Walker;
use crate::analysis::{Bypass, BypassReason};

const ON: ControlFlow<Infallible> = ControlFlow::Continue(());

impl Visitor for Walker<'_> {
    type Break = Infallible;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<Infallible> {
        self.statement_targets(statement);
        ON
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Infallible> {
        self.scopes.enter(query);
        if let Some(lock) = query.locks.first() {
            self.obstacle(Bypass::new(BypassReason::Locking, lock.to_string()));
        }
        self.not_understood |= holds_table_command(&query.body);
        ON
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<Infallible> {
        self.scopes.leave();
        ON
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Infallible> {
        self.select_into(select);
        if select.select_modifiers.as_ref().is_some_and(|m| m.sql_calc_found_rows) {
            self.obstacle(Bypass::new(BypassReason::Session, "SQL_CALC_FOUND_ROWS"));
        }
        ON
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Infallible> {
        self.table_factor(factor);
        ON
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<Infallible> {
        self.relation(name);
        ON
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Infallible> {
        self.expression(expr);
        ON
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<Infallible> {
        self.value(value);
        ON
    }
}

/// The parser drops tokens after a `TABLE a` that the rewriting did not catch.
fn holds_table_command(body: &SetExpr) -> bool {
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        match body {
            SetExpr::Table(_) => return true,
            SetExpr::SetOperation { left, right, .. } => bodies.extend([&**left, &**right]),
            _ => {}
        }
    }
    false
}
