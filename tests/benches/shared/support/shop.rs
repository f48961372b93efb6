//! The region of an application, what it keeps, and how it asks for it.

use std::hint::black_box;
use std::time::Duration;

use dogpile::{Backend, Error, ErrorKind, Region, RegionBuilder, Tags, hours};
use serde::{Deserialize, Serialize};

use super::contest::Peer;

/// A row as an application keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Article {
    id: u64,
    title: String,
    text: String,
}

impl Article {
    /// One that is so many bytes in all, about.
    pub(crate) fn of(id: u64, bytes: usize) -> Self {
        let title = format!("article {id}");
        Self { id, text: "x".repeat(bytes.saturating_sub(title.len() + 8)), title }
    }
}

/// A region without a local tier. Its patience is that of a busy machine: what is measured are hits.
pub(crate) fn region(backend: impl Backend) -> RegionBuilder {
    let region = Region::builder("shop").ttl(hours(1_000)).jitter(0.0).local(0);
    region.op_timeout(Duration::from_secs(10)).backend(backend)
}

/// Articles, each under a key and four tags of its own task.
pub(crate) struct Articles {
    region: Region,
    tags: Vec<Tags>,
    bytes: usize,
}

impl Articles {
    /// Creates an article for each task.
    pub(crate) async fn filled(region: RegionBuilder, tasks: usize, bytes: usize) -> Self {
        let region = region.build().expect("a region");
        let tags = (0..tasks).map(tags_of).collect();
        let articles = Self { region, tags, bytes };
        for task in 0..tasks {
            articles.fill(task).await;
        }
        articles
    }

    pub(crate) async fn fill(&self, task: usize) {
        let create = async || Ok::<_, Error>(Article::of(id_of(task), self.bytes));
        let entry = self.region.entry(("article", id_of(task))).tags(&self.tags[task]);
        entry.get_or_create(create).await.expect("an article");
    }
}

impl Peer for Articles {
    async fn hit(&self, task: usize) {
        let missed =
            async || Err::<Article, _>(Error::new(ErrorKind::Unavailable, "bench", "a miss"));
        let entry = self.region.entry(("article", id_of(task))).tags(&self.tags[task]);
        let article = entry.get_or_create(missed).await.expect("a lookup that is no hit");
        black_box(&*article);
    }
}

fn id_of(task: usize) -> u64 {
    u64::try_from(task).expect("a number")
}

/// Two that everybody shares, and two of its own.
fn tags_of(task: usize) -> Tags {
    let tags = ["articles".to_owned(), "authors".to_owned()].into_iter();
    let own = [format!("article:{task}"), format!("author:{task}")];
    tags.chain(own).collect::<Tags>().prepared()
}
