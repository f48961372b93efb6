//! What a statement does to the session it runs in.

/// One thing that a statement does to the settings of its session.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, SessionChange, SettingValue};
///
/// let analysis = Analyzer::new(Dialect::Postgres).analyze("SET LOCAL TIME ZONE 'Asia/Tokyo'");
/// let value = SettingValue::Literal("'Asia/Tokyo'".into());
/// let change = SessionChange::Set { setting: "timezone".into(), value, local: true };
/// assert_eq!(analysis.session(), [change]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionChange {
    /// A setting has a value from now on.
    Set {
        /// The setting, in lower case and without the spellings that mean the same. A temporary table
        /// counts as one, named `table` and its own name.
        setting: Box<str>,
        /// What it is set to.
        value: SettingValue,
        /// Whether the end of the transaction undoes it.
        local: bool,
    },
    /// A setting is what it was when the session began.
    Reset(Box<str>),
    /// All settings are what they were when the session began, but for the role, the user and
    /// temporary tables.
    ResetSettings,
    /// The session is as it was when it began.
    ResetAll,
    /// A transaction, or a part of one, ends by the text: what was set inside may be undone.
    Reverts,
    /// Nothing that could change the rows of a `SELECT`.
    Harmless,
    /// Code is called of which nothing is known: a procedure, or a function that is not built in.
    Opaque,
    /// Nobody can tell.
    Unknown,
}

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingValue {
    /// What the statement's text says, in one spelling of spaces and quotes.
    Literal(Box<str>),
    /// An argument of the statement: whoever has the arguments can tell the values apart.
    Argument,
    /// Not known: an expression, or the rows of a temporary table.
    Computed,
}

/// What a comment before or after a statement wishes: `/* dogpile: off */`, `-- dogpile: on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// The result may be cached.
    On,
    /// The result is not to be cached.
    Off,
}
