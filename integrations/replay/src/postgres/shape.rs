//! How the cells of the types are built that the driver knows without asking.

/// How the cells of a type are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Any bytes: no decoder of the driver takes their structure for granted.
    Any,
    /// So many bytes.
    Fixed(usize),
    /// The first byte says the version, which is 1.
    Versioned,
    /// A version, and text of which the driver takes the stars for granted.
    LQuery,
    Date,
    Time,
    TimeTz,
    Timestamp,
    Numeric,
    Bits,
    Network,
    Path,
    Polygon,
    /// Of elements of this type.
    Array(u32),
    /// Between values of this type.
    Range(u32),
    /// Fields that say their types themselves.
    Record,
}

/// How the cells of a type are built that the driver knows by its number: the types of
/// `PgType::try_from_oid`. Those that are not listed here it asks the server for.
pub(super) const fn known(oid: u32) -> Option<Shape> {
    Some(match oid {
        16 | 18 => Shape::Fixed(1),
        21 => Shape::Fixed(2),
        23 | 26 | 700 => Shape::Fixed(4),
        829 => Shape::Fixed(6),
        20 | 701 | 774 | 790 => Shape::Fixed(8),
        600 | 1186 | 2950 => Shape::Fixed(16),
        628 | 718 => Shape::Fixed(24),
        601 | 603 => Shape::Fixed(32),
        602 => Shape::Path,
        604 => Shape::Polygon,
        650 | 869 => Shape::Network,
        1082 => Shape::Date,
        1083 => Shape::Time,
        1266 => Shape::TimeTz,
        1114 | 1184 => Shape::Timestamp,
        1560 | 1562 => Shape::Bits,
        1700 => Shape::Numeric,
        2249 => Shape::Record,
        3802 => Shape::Versioned,
        // bytea, name, text, json, unknown, bpchar, varchar, void, jsonpath
        17 | 19 | 25 | 114 | 705 | 1042 | 1043 | 2278 | 4072 => Shape::Any,
        3904 => Shape::Range(23),
        3906 => Shape::Range(1700),
        3908 => Shape::Range(1114),
        3910 => Shape::Range(1184),
        3912 => Shape::Range(1082),
        3926 => Shape::Range(20),
        _ => match element(oid) {
            Some(element) => Shape::Array(element),
            None => return None,
        },
    })
}

/// What the known arrays are made of.
const fn element(array: u32) -> Option<u32> {
    Some(match array {
        199 => 114,
        629 => 628,
        651 => 650,
        719 => 718,
        775 => 774,
        791 => 790,
        1000 => 16,
        1001 => 17,
        1002 => 18,
        1003 => 19,
        1005 => 21,
        1007 => 23,
        1009 => 25,
        1014 => 1042,
        1015 => 1043,
        1016 => 20,
        1017 => 600,
        1018 => 601,
        1019 => 602,
        1020 => 603,
        1021 => 700,
        1022 => 701,
        1027 => 604,
        1028 => 26,
        1040 => 829,
        1041 => 869,
        1115 => 1114,
        1182 => 1082,
        1183 => 1083,
        1185 => 1184,
        1187 => 1186,
        1231 => 1700,
        1270 => 1266,
        1561 => 1560,
        1563 => 1562,
        2287 => 2249,
        2951 => 2950,
        3807 => 3802,
        3905 => 3904,
        3907 => 3906,
        3909 => 3908,
        3911 => 3910,
        3913 => 3912,
        3927 => 3926,
        4073 => 4072,
        _ => return None,
    })
}

/// What the cells of a type must be like whose name the driver has a decoder for, whatever the type
/// says that it is. A type of the user's that has such a name comes with its schema.
pub(super) fn named(name: &str) -> Option<Shape> {
    const NAMES: [(&str, u32); 7] = [
        ("point", 600),
        ("lseg", 601),
        ("path", 602),
        ("box", 603),
        ("polygon", 604),
        ("line", 628),
        ("circle", 718),
    ];
    // The driver compares without regard to quotes, and to case where there are none.
    let plain = name.chars().filter(|c| *c != '"');
    let is = |wanted: &str| {
        if name.contains('"') {
            plain.clone().eq(wanted.chars())
        } else {
            name.eq_ignore_ascii_case(wanted)
        }
    };
    if is("ltree") {
        return Some(Shape::Versioned);
    }
    if is("lquery") {
        return Some(Shape::LQuery);
    }
    NAMES.iter().find(|(wanted, _)| is(wanted)).and_then(|(_, oid)| known(*oid))
}
