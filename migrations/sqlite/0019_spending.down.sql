drop view tandem_users;
create view tandem_users as
select u.id, u.email, u.name, u.role, u.email_verified, u.time_zone,
       strftime('%Y-%m-%dT%H:%M:%fZ', u.created_at / 1000.0, 'unixepoch') as created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', u.disabled_at / 1000.0, 'unixepoch') as disabled_at,
       (select strftime('%Y-%m-%dT%H:%M:%fZ', max(s.last_seen_at) / 1000.0, 'unixepoch')
          from sessions as s where s.user_id = u.id) as last_seen_at,
       u.stored_rows, u.stored_bytes
  from users as u
 where u.deleted_at is null;
drop index users_usage_day;
alter table users drop column max_tokens;
alter table users drop column max_replies;
alter table users drop column tokens;
alter table users drop column replies;
alter table users drop column day_tokens;
alter table users drop column day_replies;
alter table users drop column usage_day;
