//! Related rows: what was loaded together depends on all of its tables, the junction included.

use sea_orm::entity::prelude::*;
use sea_orm::{EntityLoaderTrait, IntoActiveModel, QueryOrder, Set};

use crate::fixture::entities::{author, post, post_tag, tag};
use crate::fixture::{Shop, hit, miss, on_every_server, same, warm};

on_every_server!(
    s124_lazy_loads_are_hits,
    s125_a_child_that_changes_reaches_its_parents,
    s126_other_conditions_are_another_read,
    s127_attaching_and_detaching_reach_the_lists,
    s128_another_parent_is_kept_and_its_list_stays_right,
    s129_a_column_of_the_junction_reaches_the_lists,
    s130_a_deletion_that_cascades_reaches_the_lists,
    s131_a_child_that_moves_reaches_both_parents,
    s132_a_filter_by_default_sees_what_is_hidden,
    s133_pages_and_their_number_follow_an_insertion,
    an_entity_loader_is_a_hit_and_follows_a_write,
);

async fn s124_lazy_loads_are_hits(shop: &Shop) {
    let authors = warm!(shop, |db| author::Entity::find().order_by_id_asc().all(db).await);
    for author in &authors {
        warm!(shop, |db| author.find_related(post::Entity).order_by_id_asc().all(db).await);
    }
    for author in &authors {
        hit!(shop, |db| author.find_related(post::Entity).order_by_id_asc().all(db).await);
    }
    let ada = warm!(shop, |db| authors.load_many(post::Entity, db).await);
    assert_eq!(ada[0].len(), 2);
}

async fn s125_a_child_that_changes_reaches_its_parents(shop: &Shop) {
    warm!(shop, |db| with_posts().all(db).await);
    warm!(shop, |db| post::Entity::find().find_also_related(author::Entity).all(db).await);
    let post = post::ActiveModel { id: Set(1), title: Set("changed".into()), ..Default::default() };
    post.update(&shop.db).await.unwrap();
    let after = miss!(shop, |db| with_posts().all(db).await);
    assert_eq!(after[0].1[0].title, "changed");
    miss!(shop, |db| post::Entity::find().find_also_related(author::Entity).all(db).await);
}

fn with_posts() -> sea_orm::SelectTwoMany<author::Entity, post::Entity> {
    author::Entity::find()
        .find_with_related(post::Entity)
        .order_by_asc(author::Column::Id)
        .order_by_asc(post::Column::Id)
}

async fn s126_other_conditions_are_another_read(shop: &Shop) {
    let authors = author::Entity::find().order_by_id_asc().all(&shop.truth).await.unwrap();
    let of = |visible: bool| post::Entity::find().filter(post::Column::Visible.eq(visible));
    let shown = warm!(shop, |db| authors.load_many(of(true), db).await);
    let hidden = warm!(shop, |db| authors.load_many(of(false), db).await);
    assert_ne!(shown, hidden);
    assert_eq!(hit!(shop, |db| authors.load_many(of(true), db).await), shown);
}

/// The tags of each post. sea-orm asks for them in an order that is not always the same, so a read may
/// miss; read often enough each of these is there.
async fn tags_of_posts(shop: &Shop) -> Vec<Vec<tag::Model>> {
    let posts = post::Entity::find().order_by_id_asc().all(&shop.truth).await.unwrap();
    let mut last = Vec::new();
    for _ in 0..8 {
        let db = &shop.db;
        let cached = posts.load_many_to_many(tag::Entity, post_tag::Entity, db).await.unwrap();
        let db = &shop.truth;
        last = posts.load_many_to_many(tag::Entity, post_tag::Entity, db).await.unwrap();
        assert_eq!(sorted(cached), sorted(last.clone()), "stale");
    }
    last
}

fn sorted(mut lists: Vec<Vec<tag::Model>>) -> Vec<Vec<tag::Model>> {
    for list in &mut lists {
        list.sort_by_key(|tag| tag.id);
    }
    lists
}

async fn s127_attaching_and_detaching_reach_the_lists(shop: &Shop) {
    let before = shop.db.region().stats().hits;
    tags_of_posts(shop).await;
    assert!(shop.db.region().stats().hits > before, "nothing was read from the cache");
    let link = post_tag::ActiveModel { post_id: Set(2), tag_id: Set(3), weight: Set(0) };
    post_tag::Entity::insert(link).exec(&shop.db).await.unwrap();
    assert_eq!(tags_of_posts(shop).await[1].len(), 1);
    post_tag::Entity::delete_by_id((2, 3)).exec(&shop.db).await.unwrap();
    assert!(tags_of_posts(shop).await[1].is_empty());
    // From the other side.
    let ada = post::Entity::find_by_id(1).one(&shop.truth).await.unwrap().unwrap();
    let blue = tag::Entity::find_by_id(3).one(&shop.truth).await.unwrap().unwrap();
    warm!(shop, |db| blue.find_related(post::Entity).all(db).await);
    let link = post_tag::ActiveModel { post_id: Set(ada.id), tag_id: Set(3), weight: Set(0) };
    post_tag::Entity::insert(link).exec(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| blue.find_related(post::Entity).all(db).await), [ada]);
}

/// The junction is one table: the list of the other parent is read again, the parent itself is not.
async fn s128_another_parent_is_kept_and_its_list_stays_right(shop: &Shop) {
    let third = warm!(shop, |db| post::Entity::find_by_id(3).one(db).await).unwrap();
    let list = warm!(shop, |db| third.find_related(tag::Entity).all(db).await);
    let link = post_tag::ActiveModel { post_id: Set(1), tag_id: Set(3), weight: Set(0) };
    post_tag::Entity::insert(link).exec(&shop.db).await.unwrap();
    hit!(shop, |db| post::Entity::find_by_id(3).one(db).await);
    assert_eq!(same!(shop, |db| third.find_related(tag::Entity).all(db).await).0, list);
    hit!(shop, |db| third.find_related(tag::Entity).all(db).await);
}

async fn s129_a_column_of_the_junction_reaches_the_lists(shop: &Shop) {
    let heavy = || post_tag::Entity::find().filter(post_tag::Column::Weight.gt(5));
    warm!(shop, |db| heavy().find_also_related(tag::Entity).all(db).await);
    let link = post_tag::ActiveModel { post_id: Set(1), tag_id: Set(2), weight: Set(9) };
    link.update(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| heavy().find_also_related(tag::Entity).all(db).await).len(), 1);
}

async fn s130_a_deletion_that_cascades_reaches_the_lists(shop: &Shop) {
    tags_of_posts(shop).await;
    tag::Entity::delete_by_id(2).exec(&shop.db).await.unwrap();
    let left = tags_of_posts(shop).await;
    assert_eq!(left.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 0]);
}

async fn s131_a_child_that_moves_reaches_both_parents(shop: &Shop) {
    let of = |author: i32| {
        post::Entity::find().filter(post::Column::AuthorId.eq(author)).order_by_id_asc()
    };
    for author in [1, 2] {
        warm!(shop, |db| of(author).all(db).await);
    }
    let post = post::Entity::find_by_id(1).one(&shop.db).await.unwrap().unwrap();
    let mut post = post.into_active_model();
    post.author_id = Set(2);
    post.save(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| of(1).all(db).await).len(), 1);
    assert_eq!(miss!(shop, |db| of(2).all(db).await).len(), 1);
}

async fn s132_a_filter_by_default_sees_what_is_hidden(shop: &Shop) {
    let shown = || post::Entity::find().filter(post::Column::Visible.eq(true)).order_by_id_asc();
    assert_eq!(warm!(shop, |db| shown().all(db).await).len(), 2);
    let hidden = post::ActiveModel { id: Set(1), visible: Set(false), ..Default::default() };
    hidden.update(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| shown().all(db).await).len(), 1);
}

async fn s133_pages_and_their_number_follow_an_insertion(shop: &Shop) {
    let posts = || post::Entity::find().order_by_id_asc();
    assert_eq!(warm!(shop, |db| posts().paginate(db, 2).num_items().await), 3);
    assert_eq!(warm!(shop, |db| posts().paginate(db, 2).fetch_page(1).await).len(), 1);
    let post = post::ActiveModel {
        author_id: Set(2),
        title: Set("fourth".into()),
        visible: Set(true),
        ..Default::default()
    };
    post.insert(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| posts().paginate(db, 2).num_items().await), 4);
    assert_eq!(miss!(shop, |db| posts().paginate(db, 2).fetch_page(1).await).len(), 2);
    hit!(shop, |db| posts().paginate(db, 2).num_items().await);
}

async fn an_entity_loader_is_a_hit_and_follows_a_write(shop: &Shop) {
    let load = || post::Entity::load().with(author::Entity).with(tag::Entity).order_by_id_asc();
    let before = shop.db.region().stats().hits;
    for _ in 0..4 {
        same!(shop, |db| load().all(db).await);
    }
    assert!(shop.db.region().stats().hits > before, "nothing was read from the cache");
    post_tag::Entity::delete_by_id((1, 1)).exec(&shop.db).await.unwrap();
    let after = miss!(shop, |db| load().all(db).await);
    assert_eq!(after[0].tags.len(), 1);
}
