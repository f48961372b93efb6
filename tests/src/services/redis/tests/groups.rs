//! Servers that work together.

use std::time::Duration;

use super::*;
use crate::services::poll::poll;

/// Starts a group, looks at it, drops it, and looks for what is left.
fn assert_group_goes<T>(group: T, servers: impl Fn(&T) -> Vec<&Redis>) -> Proof {
    let mut left = Vec::new();
    for server in servers(&group) {
        left.push((processes(server)?, server.folder().to_path_buf()));
    }
    drop(group);
    for (processes, folder) in left {
        assert_gone(&processes, &folder);
    }
    Ok(())
}

#[tokio::test]
async fn each_master_of_a_cluster_serves_its_slots_and_points_to_the_others() -> Proof {
    let cluster = RedisCluster::start().await?;
    assert_eq!(cluster.urls().len(), 3);
    // The slot of this key is 12182, which the third master has.
    let [first, second, third] = cluster.nodes() else {
        return Err("not three masters".into());
    };
    third.command(&["SET", "foo", "bar"])?;
    for other in [first, second] {
        let moved = other.command(&["GET", "foo"]).unwrap_err().to_string();
        assert!(moved.contains(&format!("MOVED 12182 {}", third.address())), "{moved}");
    }
    assert_group_goes(cluster, |cluster| cluster.nodes().iter().collect())
}

#[tokio::test]
async fn a_replica_of_a_cluster_takes_the_place_of_its_master() -> Proof {
    let cluster = RedisCluster::start_with_replicas().await?;
    let [_, _, replica] = cluster.replicas() else {
        return Err("not three replicas".into());
    };
    assert_eq!(replica.info("role")?, "slave");
    cluster.nodes()[2].kill()?;
    let promoted =
        poll(Duration::from_secs(60), || (replica.info("role").ok()? == "master").then_some(()));
    assert!(promoted.is_some());
    assert_group_goes(cluster, |cluster| cluster.replicas().iter().collect())
}

#[tokio::test]
async fn a_restarted_master_of_a_cluster_has_its_slots_again() -> Proof {
    let cluster = RedisCluster::start().await?;
    let third = &cluster.nodes()[2];
    third.command(&["SET", "foo", "bar"])?;
    third.restart()?;
    cluster.wait_until_well()?;
    assert_eq!(third.command(&["GET", "foo"])?, Reply::Nil);
    Ok(())
}

#[tokio::test]
async fn sentinels_replace_a_master_that_was_killed() -> Proof {
    let group = RedisSentinel::start().await?;
    assert_eq!(group.sentinel_urls().len(), 3);
    let replica = group.replica()?;
    assert_ne!(replica.address(), group.master()?.address());
    assert!(replica.command(&["SET", "cake", "plum"]).is_err());

    let old = group.kill_master()?;
    assert_eq!(group.wait_for_another_master(old)?.address(), replica.address());
    assert_eq!(group.master()?.address(), replica.address());
    replica.command(&["SET", "cake", "plum"])?;
    Ok(())
}

#[tokio::test]
async fn a_failover_by_command_swaps_master_and_replica_as_often_as_asked() -> Proof {
    let group = RedisSentinel::start().await?;
    for _ in 0..2 {
        let (master, replica) = (group.master()?.address(), group.replica()?.address());
        group.failover()?;
        assert_eq!(group.master()?.address(), replica);
        assert_eq!(group.replica()?.address(), master);
    }
    assert_eq!(group.master_name(), "dogpile");
    assert_group_goes(group, |group| group.servers().iter().chain(group.sentinels()).collect())
}
