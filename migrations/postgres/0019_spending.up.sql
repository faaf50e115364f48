-- Replies and tokens of providers that a user has used: on `usage_day`, a day of UTC since 1970, and in all.
alter table users
    add column usage_day bigint not null default 0,
    add column day_replies bigint not null default 0,
    add column day_tokens bigint not null default 0,
    add column replies bigint not null default 0,
    add column tokens bigint not null default 0,
    -- Limits of a day for this user; null: those of the server.
    add column max_replies bigint,
    add column max_tokens bigint;
create index users_usage_day on users (usage_day) where usage_day > 0;

drop view tandem_users;
create view tandem_users as
select u.id, u.email, u.name, u.role, u.email_verified, u.time_zone, u.created_at, u.disabled_at,
       (select max(s.last_seen_at) from sessions as s where s.user_id = u.id) as last_seen_at,
       u.stored_rows, u.stored_bytes, u.replies, u.tokens
  from users as u
 where u.deleted_at is null;
