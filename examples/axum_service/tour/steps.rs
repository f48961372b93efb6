//! A request, what the cache did meanwhile, and whether that is what it promises.

use std::net::SocketAddr;
use std::time::Duration;

use dogpile::millis;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::client::{Reply, Request, ask};
use super::table;
use crate::failure::Failure;
use crate::figures::Figures;

/// Longer than the driver's word of a statement lags behind its last row.
const SETTLE: Duration = millis(50);

/// Who asks. Nobody else does meanwhile: what is counted between two requests is theirs.
pub(super) struct Guide(pub(super) SocketAddr);

impl Guide {
    pub(super) async fn figures(&self) -> Result<Figures, Failure> {
        let reply = ask(self.0, &Request::get("/cache.json")).await?;
        serde_json::from_str(&reply.body).map_err(|error| Failure::outside(&error))
    }

    /// Reads twice. `did` begins with what the cache has to do: `miss, hit` or `hit, hit`.
    pub(super) async fn read(
        &self,
        request: &Request,
        status: u16,
        did: &str,
    ) -> Result<String, Failure> {
        let (before, first) = (self.figures().await?, self.answered(request, status).await?);
        let (between, again) = (self.figures().await?, self.answered(request, status).await?);
        let after = self.figures().await?;
        let really = format!("{}, {}", seen(&before, &between), seen(&between, &after));
        if !did.starts_with(&really) {
            return Err(broken(format!("{request}: {really}, and not {did}")));
        }
        if first.body != again.body {
            return Err(broken(format!("{request}: two answers, and no write between them")));
        }
        table::row(request, first.took, Some(again.took), did)?;
        Ok(again.body)
    }

    /// Writes, and checks whether anything was invalidated.
    pub(super) async fn write(
        &self,
        request: &Request,
        status: u16,
        invalidates: bool,
        did: &str,
    ) -> Result<String, Failure> {
        let before = self.figures().await?.invalidated_tags;
        let reply = self.answered(request, status).await?;
        let invalidated = self.figures().await?.invalidated_tags - before;
        if (invalidated > 0) != invalidates {
            return Err(broken(format!("{request}: {invalidated} tags were invalidated")));
        }
        table::row(request, reply.took, None, format_args!("{status}: {did}"))?;
        Ok(reply.body)
    }

    /// Reads so many times at once what nobody has read before.
    pub(super) async fn crowd(&self, request: &Request, readers: u32) -> Result<(), Failure> {
        sleep(SETTLE).await;
        let (before, address) = (self.figures().await?.statements, self.0);
        let mut crowd = JoinSet::new();
        for _ in 0..readers {
            let request = request.clone();
            crowd.spawn(async move { ask(address, &request).await });
        }
        let replies: Result<Vec<Reply>, _> = crowd.join_all().await.into_iter().collect();
        let replies = replies?;
        sleep(SETTLE).await;
        let statements = self.figures().await?.statements - before;
        let alike = replies.windows(2).all(|two| two[0].body == two[1].body);
        let answered = replies.iter().all(|reply| reply.status == 200);
        if statements != 1 || !alike || !answered {
            let about = format!("alike: {alike}, all answered: {answered}");
            return Err(broken(format!("{readers} x {request}: {statements} statements, {about}")));
        }
        let slowest = replies.iter().map(|reply| reply.took).max().unwrap_or_default();
        let did = format!("{readers} readers at once: 1 query");
        table::row(request, slowest, None, did)
    }

    async fn answered(&self, request: &Request, status: u16) -> Result<Reply, Failure> {
        let reply = ask(self.0, request).await?;
        match reply.status {
            same if same == status => Ok(reply),
            other => Err(Failure::Outside(format!("{request}: {other} {}", reply.body))),
        }
    }
}

pub(super) fn broken(what: String) -> Failure {
    Failure::Promise(what)
}

fn seen(before: &Figures, after: &Figures) -> &'static str {
    let more = |of: fn(&Figures) -> u64| of(after) > of(before);
    match () {
        () if more(|figures| figures.bypasses) => "bypass",
        () if more(|figures| figures.misses) => "miss",
        () if more(|figures| figures.stale) => "stale",
        () if more(|figures| figures.hits) => "hit",
        () => "nothing",
    }
}
