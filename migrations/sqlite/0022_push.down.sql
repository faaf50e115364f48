drop table pushes;
drop table push_subscriptions;
drop table push_keys;
