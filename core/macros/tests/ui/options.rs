use dogpile_macros::CachedEntity;

#[derive(CachedEntity)]
#[cached_entity(tll = "5m")]
struct Unknown;

#[derive(CachedEntity)]
#[cached_entity(ttl = "5m", ttl = "6m")]
struct Twice;

#[derive(CachedEntity)]
#[cached_entity(tag = "a", tag = "b")]
struct Tags;

#[derive(CachedEntity)]
#[cached_entity(tags = "a")]
struct Shape;

#[derive(CachedEntity)]
#[cached_entity(stale_for)]
struct NoValue;

#[derive(CachedEntity)]
#[cached_entity(ttl = "five minutes")]
struct Words;

#[derive(CachedEntity)]
#[cached_entity(ttl = 300)]
struct NoUnit;

#[derive(CachedEntity)]
#[cached_entity(none_ttl = "101years")]
struct TooLong;

#[derive(CachedEntity)]
#[cached_entity(deny, ttl = "5m")]
struct Denied;

#[derive(CachedEntity)]
#[cached_entity(ttl = "5m")]
#[cached_entity(tag = "a")]
struct TwoAttributes;

fn main() {}
