//! What a backend can do.

/// What a backend can do: regions adapt to it, and the conformance suite asks only for that.
///
/// ```
/// use dogpile::backend::Capabilities;
///
/// let capabilities = Capabilities::new().shared(true).max_name(250);
/// assert!(capabilities.shared && !capabilities.leases);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Capabilities {
    /// Other processes see what this one stores.
    pub shared: bool,
    /// What is stored is still there after the backend was restarted.
    pub persistent: bool,
    /// What is stored is found again. Only the null backend does not keep anything.
    pub keeps: bool,
    /// The longest name, in bytes; `None`: no limit worth naming.
    pub max_name: Option<usize>,
    /// Names may hold any character. Otherwise only visible ASCII: no space, no control character.
    pub any_name: bool,
    /// The largest entry, in bytes; `None`: no limit worth naming.
    pub max_entry: Option<u64>,
    /// All that a `read` asks for comes back in one trip.
    pub one_trip: bool,
    /// It has leases.
    pub leases: bool,
    /// It refuses a store whose lease was lost.
    pub fences: bool,
    /// Writers can taint its registers.
    pub taints: bool,
    /// It tells every process what others invalidate.
    pub pushes: bool,
    /// Entries end by themselves after their life.
    pub expires: bool,
}

macro_rules! setters {
    ($($name:ident: $type:ty = $default:literal, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("Default: `", $default, "`.")]
        #[must_use]
        pub const fn $name(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    )*};
}

impl Capabilities {
    /// A backend that keeps what it is given in this process, and nothing more.
    pub const fn new() -> Self {
        Self {
            shared: false,
            persistent: false,
            keeps: true,
            max_name: None,
            any_name: true,
            max_entry: None,
            one_trip: true,
            leases: false,
            fences: false,
            taints: false,
            pushes: false,
            expires: true,
        }
    }

    setters! {
        shared: bool = "false", "Other processes see what this one stores.";
        persistent: bool = "false", "What is stored survives a restart of the backend.";
        keeps: bool = "true", "What is stored is found again.";
        any_name: bool = "true", "Names may hold any character.";
        one_trip: bool = "true", "All that a `read` asks for comes back in one trip.";
        leases: bool = "false", "It has leases.";
        fences: bool = "false", "It refuses a store whose lease was lost.";
        taints: bool = "false", "Writers can taint its registers.";
        pushes: bool = "false", "It tells every process what others invalidate.";
        expires: bool = "true", "Entries end by themselves.";
    }

    /// The longest name, in bytes.
    ///
    /// Default: no limit.
    #[must_use]
    pub const fn max_name(mut self, bytes: usize) -> Self {
        self.max_name = Some(bytes);
        self
    }

    /// The largest entry, in bytes.
    ///
    /// Default: no limit.
    #[must_use]
    pub const fn max_entry(mut self, bytes: u64) -> Self {
        self.max_entry = Some(bytes);
        self
    }
}
