-- Replies and tokens of providers that a user has used: on `usage_day`, a day of UTC since 1970, and in all.
alter table users add column usage_day integer not null default 0;
alter table users add column day_replies integer not null default 0;
alter table users add column day_tokens integer not null default 0;
alter table users add column replies integer not null default 0;
alter table users add column tokens integer not null default 0;
-- Limits of a day for this user; null: those of the server.
alter table users add column max_replies integer;
alter table users add column max_tokens integer;
create index users_usage_day on users (usage_day) where usage_day > 0;

drop view tandem_users;
create view tandem_users as
select u.id, u.email, u.name, u.role, u.email_verified, u.time_zone,
       strftime('%Y-%m-%dT%H:%M:%fZ', u.created_at / 1000.0, 'unixepoch') as created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', u.disabled_at / 1000.0, 'unixepoch') as disabled_at,
       (select strftime('%Y-%m-%dT%H:%M:%fZ', max(s.last_seen_at) / 1000.0, 'unixepoch')
          from sessions as s where s.user_id = u.id) as last_seen_at,
       u.stored_rows, u.stored_bytes, u.replies, u.tokens
  from users as u
 where u.deleted_at is null;
