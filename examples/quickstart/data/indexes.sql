create index nation_region on nation (n_regionkey);
create index supplier_nation on supplier (s_nationkey);
create index customer_nation on customer (c_nationkey);
-- Not unique: with very few suppliers the generator names one twice for a part.
create index partsupp_part on partsupp (ps_partkey, ps_suppkey);
create index partsupp_supplier on partsupp (ps_suppkey);
create index orders_customer on orders (o_custkey);
create index lineitem_part on lineitem (l_partkey, l_suppkey);
create index lineitem_supplier on lineitem (l_suppkey);
analyze;
