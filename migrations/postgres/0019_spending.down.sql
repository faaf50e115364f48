drop view tandem_users;
create view tandem_users as
select u.id, u.email, u.name, u.role, u.email_verified, u.time_zone, u.created_at, u.disabled_at,
       (select max(s.last_seen_at) from sessions as s where s.user_id = u.id) as last_seen_at,
       u.stored_rows, u.stored_bytes
  from users as u
 where u.deleted_at is null;
drop index users_usage_day;
alter table users
    drop column max_tokens,
    drop column max_replies,
    drop column tokens,
    drop column replies,
    drop column day_tokens,
    drop column day_replies,
    drop column usage_day;
