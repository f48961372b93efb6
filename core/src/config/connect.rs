//! From settings to regions.

use std::sync::Arc;

use super::apply::{Refused, settings};
use super::decode::name as shown;
use super::{BackendUrl, RegionsConfig, Schemes, wrong};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::region::{Region, RegionBuilder, Regions};

impl Regions {
    /// Builds every region of `config`, connected to its backend.
    ///
    /// All or nothing. Regions that name the same URL share one backend. What can be seen to be
    /// wrong without a backend is said before one is connected.
    ///
    /// # Errors
    ///
    /// The first region that cannot be had, by name, and why.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops all that was connected.
    pub async fn connect(config: RegionsConfig, schemes: &Schemes) -> Result<Self> {
        Self::connect_with(config, schemes, |_, builder| builder).await
    }

    /// The same, where `finish` adds to each builder what is not data: an observer, a clock, a tag
    /// space. It is given the name of the region.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Cancel safety
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with<F>(
        config: RegionsConfig,
        schemes: &Schemes,
        mut finish: F,
    ) -> Result<Self>
    where
        F: FnMut(&str, RegionBuilder) -> RegionBuilder + Send,
    {
        let plan = |name: &String| Plan::new(&config, name, schemes, &mut finish);
        let planned: Vec<_> = config.regions.keys().map(plan).collect::<Result<_>>()?;
        let mut backends = Backends { schemes, connected: Vec::new() };
        let mut regions = Self::new();
        for plan in planned {
            regions = regions.with(plan.build(&mut backends).await?)?;
        }
        Ok(regions)
    }
}

/// A region that lacks nothing but its backend.
struct Plan {
    name: String,
    builder: RegionBuilder,
    url: Option<BackendUrl>,
}

impl Plan {
    fn new(
        config: &RegionsConfig,
        name: &str,
        schemes: &Schemes,
        finish: &mut impl FnMut(&str, RegionBuilder) -> RegionBuilder,
    ) -> Result<Self> {
        let config = config.region(name).unwrap_or_default();
        let builder = settings(&config, Region::builder(name)).map_err(|refused| {
            let Refused { setting, why } = refused;
            wrong(format!("regions.{}.{setting}: {why}", shown(name)))
        })?;
        let plan =
            Self { name: name.to_owned(), builder: finish(name, builder), url: config.backend };
        let sound = match &plan.url {
            Some(url) => schemes.factory(url.scheme()).map(drop),
            None => plan.builder.check(),
        };
        sound.map_err(|error| plan.named(error))?;
        Ok(plan)
    }

    async fn build(self, backends: &mut Backends<'_>) -> Result<Region> {
        let backend = match &self.url {
            Some(url) => Some(backends.at(url).await.map_err(|error| self.named(error))?),
            None => None,
        };
        let Self { name, mut builder, .. } = self;
        if let Some(backend) = backend {
            builder = builder.backend(backend);
        }
        builder.build().map_err(|error| error.with("region", shown(&name)))
    }

    /// `error` with the region's name, and its backend's.
    fn named(&self, error: Error) -> Error {
        let error = error.with("region", shown(&self.name));
        match &self.url {
            Some(url) => error.with("backend", url),
            None => error,
        }
    }
}

/// The backends that are connected so far, one a URL.
struct Backends<'a> {
    schemes: &'a Schemes,
    connected: Vec<(BackendUrl, Arc<dyn Backend>)>,
}

impl Backends<'_> {
    async fn at(&mut self, url: &BackendUrl) -> Result<Arc<dyn Backend>> {
        if let Some((_, backend)) = self.connected.iter().find(|(other, _)| other == url) {
            return Ok(Arc::clone(backend));
        }
        let backend = self.schemes.connect(url).await?;
        self.connected.push((url.clone(), Arc::clone(&backend)));
        Ok(backend)
    }
}
