//! A backend that takes no invalidation.

use dogpile::backend::layer::{Chaos, Operation};
use dogpile::backend::{BackendExt, MemoryBackend};
use dogpile_sqlx::CachedPool;

use super::place::{Place, region, relay, served, settled, until};

super::on_each!(what_the_backend_has_not_acknowledged_is_not_marked);

/// Whoever takes the place of a relay that dies meanwhile finds the number as one to be invalidated.
async fn what_the_backend_has_not_acknowledged_is_not_marked<P: Place>() {
    let place = P::start().await;
    let chaos = Chaos::seeded(1).fail_on(Operation::Bump, 1.0);
    chaos.pause();
    let backend = MemoryBackend::default().layer(chaos.clone());
    let shop = region().local(0).backend(backend).build().unwrap();
    let db = CachedPool::new(place.pool().await, shop);
    let relay = relay(&db).start().await.unwrap();
    let outside = place.pool().await;
    let of_both = "SELECT count(*) FROM dogpile_mark shop \
        JOIN dogpile_mark feed ON shop.seq = feed.seq \
        WHERE shop.name = 'shop' AND feed.name = ''";
    let is_marked = async || P::count(&outside, of_both).await == 1;
    until("all is marked", async || relay.stats().rows >= 2 && is_marked().await).await;
    settled::<P>(&db, "cake").await;
    chaos.resume();
    P::run(&outside, "UPDATE cake SET price = 2").await;
    until("it has tried", async || relay.stats().failures >= 1).await;
    assert!(!is_marked().await, "what was not acknowledged is marked");
    chaos.pause();
    served::<P>(&db, "cake", 2).await;
    until("it is marked", is_marked).await;
    assert_eq!(relay.stats().flushes, 1);
}
