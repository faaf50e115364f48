-- `owner`: manages the accounts. The oldest account of an existing database becomes the owner, a disabled one only when there
-- is no other.
alter table users add column role text not null default 'member' check (role in ('owner', 'member'));
create index users_owners on users (id) where role = 'owner';
update users
   set role = 'owner'
 where id = (select id
               from users
              where deleted_at is null
              order by disabled_at is not null, created_at, id
              limit 1);

-- Hashes of the codes that the nodes have shown at their start. Empty when there is an owner.
create table setup_codes (
    hash       blob    primary key,
    created_at integer not null
) strict, without rowid;

create table invitations (
    id         blob    primary key,
    hash       blob    not null unique,
    -- In its compared form; null: for any address.
    email      text,
    uses       integer not null,
    used       integer not null default 0,
    created_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    created_by text    references users (id) on delete set null
) strict;
create index invitations_created on invitations (created_at, id);
create index invitations_end on invitations (expires_at);
create index invitations_email on invitations (email) where email is not null;
create index invitations_owner on invitations (created_by) where created_by is not null;

-- Hashes of the links that set a password. A link that was used is gone.
create table reset_links (
    hash       blob    primary key,
    user_id    text    not null references users (id) on delete cascade,
    created_at integer not null,
    expires_at integer not null
) strict;
create index reset_links_user on reset_links (user_id);
create index reset_links_end on reset_links (expires_at);

-- What was done with accounts. Entries are added and removed by age; they name no person whose account is deleted.
create table audit (
    id     blob    primary key,
    at     integer not null,
    -- The id of a user, `operator`, or `deleted`; null: nobody known.
    actor  text,
    action text    not null,
    -- The id of a user or of an invitation, or `deleted`.
    target text,
    detail text,
    ip     text,
    node   text    not null,
    result text    not null
) strict;
create index audit_at on audit (at, id);
create index audit_actor on audit (actor, at, id) where actor is not null;
create index audit_target on audit (target, at, id) where target is not null;

create index users_created on users (created_at, id);

-- For people who read the database. Described in docs/operations.md; columns are added, and neither renamed nor removed.
create view tandem_users as
select u.id, u.email, u.name, u.role, u.email_verified, u.time_zone,
       strftime('%Y-%m-%dT%H:%M:%fZ', u.created_at / 1000.0, 'unixepoch') as created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', u.disabled_at / 1000.0, 'unixepoch') as disabled_at,
       (select strftime('%Y-%m-%dT%H:%M:%fZ', max(s.last_seen_at) / 1000.0, 'unixepoch')
          from sessions as s where s.user_id = u.id) as last_seen_at,
       u.stored_rows, u.stored_bytes
  from users as u
 where u.deleted_at is null;

create view tandem_sessions as
select lower(substr(hex(s.id), 1, 8) || '-' || substr(hex(s.id), 9, 4) || '-' || substr(hex(s.id), 13, 4) || '-'
             || substr(hex(s.id), 17, 4) || '-' || substr(hex(s.id), 21)) as id,
       s.user_id, u.email, s.device_name, s.ip, s.user_agent,
       strftime('%Y-%m-%dT%H:%M:%fZ', s.created_at / 1000.0, 'unixepoch') as created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', s.last_seen_at / 1000.0, 'unixepoch') as last_seen_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(s.expires_at, s.ends_at) / 1000.0, 'unixepoch') as expires_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(s.revoked_at, u.disabled_at) / 1000.0, 'unixepoch') as revoked_at
  from sessions as s
  join users as u on u.id = s.user_id
 where u.deleted_at is null;

create view tandem_audit as
select strftime('%Y-%m-%dT%H:%M:%fZ', a.at / 1000.0, 'unixepoch') as at,
       a.actor, coalesce(who.email, a.actor) as actor_name, a.action,
       a.target, coalesce(whom.email, a.target) as target_name, a.detail, a.ip, a.node, a.result
  from audit as a
  left join users as who on who.id = a.actor and who.deleted_at is null
  left join users as whom on whom.id = a.target and whom.deleted_at is null;
