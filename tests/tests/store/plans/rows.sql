-- Rows for the plans: :rows tasks and :rows messages of :users users, everything else in proportion, and one user who has
-- 10,000 tasks, a conversation of 20,000 messages and a log of 12,000 events. All of it lies as it would after months:
-- what belongs together is spread over the table.
set session_replication_role = replica;
set synchronous_commit = off;

create function pg_temp.ago(days double precision) returns timestamptz language sql immutable
    return timestamptz '2026-11-23 09:30Z' - days * interval '1 day';
create function pg_temp.id(n bigint) returns uuid language sql immutable
    return lpad(to_hex(n), 32, '0')::uuid;
-- How long ago the n-th of many happened, when the first happened before so many days.
create function pg_temp.spread(days double precision, n bigint, many bigint) returns timestamptz language sql immutable
    return pg_temp.ago(days * (1 - n::double precision / many));

insert into users (id, email, name, email_verified, time_zone, created_at, password_hash, disabled_at, seq, next_task_number)
select id, id || '@example.org', id, true, 'Europe/Berlin', pg_temp.ago(90), '$argon2id$old',
       case when n % 500 = 499 then pg_temp.spread(60, n, :users) end, seq, seq + 1
  from (select n, 'u' || n as id, :rows / :users as seq from generate_series(0, :users - 1) as n
        union all
        select -1, 'heavy', 12000) as people;

insert into sessions (id, user_id, device_name, created_at, last_seen_at, expires_at, ends_at, revoked_at)
select pg_temp.id(n), user_id, 'Laptop', pg_temp.ago(40), pg_temp.ago(1),
       case n % 6 when 4 then pg_temp.spread(30.2, n, 3 * :users) else pg_temp.ago(-20) end, pg_temp.ago(-60),
       case n % 6 when 5 then pg_temp.spread(30.2, n, 3 * :users) end
  from (select n, 'u' || n % :users as user_id from generate_series(0, 3 * :users - 1) as n
        union all
        select 3 * :users + 6 * n, 'heavy' from generate_series(0, 9) as n) as devices
 order by hashint8(n);

insert into refresh_tokens (hash, user_id, session_id, replaced_at, replaced_by)
select sha256(n::text::bytea), 'u' || session % :users, pg_temp.id(session),
       case when turn < 4 then pg_temp.spread(30.1, n, 15 * :users) end,
       case when turn < 4 then sha256((n + 3 * :users)::text::bytea) end
  from (select n, n % (3 * :users) as session, n / (3 * :users) as turn
          from generate_series(0, 15 * :users - 1) as n) as tokens;

insert into personal_tokens (id, user_id, name, scopes, hash, created_at, expires_at)
select pg_temp.id(n), 'u' || n * 2, 'Script', '["read"]'::json, sha256(n::text::bytea), pg_temp.ago(50),
       case when n % 2 = 0 then pg_temp.spread(30.1, n, :users / 4) end
  from generate_series(0, :users / 2 - 1) as n
 union all
select pg_temp.id(:users + n), 'heavy', 'Script', '["read"]'::json, sha256((:users + n)::text::bytea), pg_temp.ago(n), null
  from generate_series(0, 9) as n;

insert into ended_sessions (id, ended_at)
select pg_temp.id(10 * :users + n), pg_temp.spread(1.01, n, :users) from generate_series(0, :users - 1) as n;

insert into allowances (key, full_at)
select 'log-in:' || n, (extract(epoch from pg_temp.spread(1, n, :users)) * 1000)::bigint + 85000000
  from generate_series(0, :users - 1) as n;

insert into conversations
       (user_id, id, title, title_source, created_at, updated_at, last_message_at, active_at, unread, deleted_at)
select user_id, pg_temp.id(n), 'Talk ' || n, 1, at, at, at, at, 0, case when n % 50 = 49 then at end
  from (select n, 'u' || n % :users as user_id, pg_temp.spread(90, n, :rows / 10) as at
          from generate_series(0, :rows / 10 - 1) as n
        union all
        select :rows / 10 + n, 'heavy', pg_temp.spread(90, 2000 - n, 2000) from generate_series(0, 1999) as n) as talks
 order by hashint8(n);

insert into messages (user_id, id, conversation_id, position, role, state, parts, attempt, created_at, completed_at)
select user_id, pg_temp.id(n), pg_temp.id(talk), position,
       case when position % 2 = 0 then 'assistant' else 'user' end, 'complete',
       json_build_array(json_build_object('type', 'text', 'text', repeat('Milk is on the list. ', 8))), 1, at, at
  from (select n, 'u' || n % (:rows / 10) % :users as user_id, n % (:rows / 10) as talk, n / (:rows / 10) + 1 as position,
               pg_temp.spread(90, n, :rows) as at
          from generate_series(0, :rows - 1) as n
        union all
        select :rows + n, 'heavy', :rows / 10, n + 1, pg_temp.spread(90, n, 20000) from generate_series(0, 19999) as n) as said
 order by hashint8(n);

-- Replies that have not ended: many wait for an answer that never comes, some are behind them, few are being written.
create temporary table unended on commit drop as
select 2 * :rows + n as n, n as talk, 11 as position, 'waiting' as state from generate_series(0, :rows / 100 - 1) as n
 union all
select 3 * :rows + n, n, 12, 'queued' from generate_series(0, 299) as n
 union all
select 4 * :rows + n, :rows / 100 + n, 11, 'running' from generate_series(0, 299) as n;

insert into messages (user_id, id, conversation_id, position, role, state, parts, attempt, created_at)
select 'u' || talk % :users, pg_temp.id(n), pg_temp.id(talk), position, 'assistant',
       case state when 'queued' then 'queued' else 'streaming' end, '[]', 1, pg_temp.ago(0.001)
  from unended;

insert into runs
       (user_id, message_id, conversation_id, state, attempt, node, lease_until, cancel_requested, created_at)
select 'u' || talk % :users, pg_temp.id(n), pg_temp.id(talk), state, 1,
       case state when 'running' then 'node-' || n % 4 end,
       case state when 'running' then pg_temp.ago(case when n % 50 = 0 then 0.0001 else -0.0001 end) end,
       state = 'running' and n % 50 = 1, pg_temp.ago(0.001)
  from unended
 order by hashint8(n);

insert into run_steps (user_id, message_id, step_index, step)
select 'u' || talk % :users, pg_temp.id(n), step, '{"text": "Let me look."}' from unended, generate_series(0, 2) as step;

insert into feeds (user_id, id, name, kind, include_done, created_at, hash)
select 'u' || n % :users, pg_temp.id(n), 'Phone', 'events', false, pg_temp.ago(1),
       decode(md5(n::text) || md5((-n)::text), 'hex')
  from generate_series(0, :users * 3 - 1) as n;

insert into push_keys (id, private_key, public_key) values (1, '\x01', '\x02');

-- Two devices of each user, of which one is signed in, and pushes of the last day, most of which were sent.
insert into push_subscriptions
       (user_id, id, session_id, device_id, endpoint, endpoint_hash, public_key, auth_secret, kinds, created_at)
select case when n >= 2 * :users then 'heavy' else 'u' || n % :users end, pg_temp.id(n),
       pg_temp.id(case when n >= 2 * :users then 3 * :users else n end),
       case when n < :users then 'phone' else 'laptop' end, 'https://push.example.org/' || n, sha256(n::text::bytea),
       '\x04', '\x07', '["reminder"]', pg_temp.ago(30)
  from generate_series(0, 2 * :users) as n
 order by hashint8(n);

insert into pushes
       (user_id, subscription_id, seq, kind, subject_id, reminder_id, command_id, created_at, next_at, gives_up_at, attempts,
        token_hash)
select s.user_id, s.id, seq, 'reminder', pg_temp.id(seq), pg_temp.id(seq), pg_temp.id(seq), pg_temp.ago(0.5),
       case when seq % 20 = 0 then pg_temp.ago(0.001) end, pg_temp.ago(-0.5), seq % 2,
       sha256((s.id::text || seq)::bytea)
  from push_subscriptions as s,
       generate_series(1, case when s.user_id = 'heavy' then 1000 else 20 end) as seq
 order by hashint8(seq);

insert into reply_texts (user_id, message_id, attempt, part, kind, start, body)
select 'u' || talk % :users, pg_temp.id(n), 1, 0, 'text', piece * 12, '"Let me look."' from unended, generate_series(0, 2) as piece
 where state = 'running';

insert into tasks
       (user_id, id, number, title, description, folded, status, priority, due_date, due_zone, labels, list, position, rev,
        created_at, updated_at, completed_at, deleted_at, reminder_at)
select user_id, pg_temp.id(n), number, 'Buy milk ' || number, 'As on the list.', 'buy milk ' || number || ' as on the list.',
       case when is_open then 'open' else 'done' end, (array['none', 'low', 'medium', 'high', 'urgent'])[number % 7 % 5 + 1],
       case when number % 3 > 0
            then date '2026-11-23' + (case when is_open then number / 5 % 100 - 5 else -(number / 5 % 300) end)::integer end,
       case when number % 3 > 0 then 'UTC' end,
       case when number % 11 = 0 then '["home"]' else '["work", "soon"]' end::json,
       case when number % 4 > 0 then 'List ' || number % 4 end, 'a' || lpad(number::text, 8, '0'), 1, at, at,
       case when not is_open then at end,
       case when n % 40 = 39 then pg_temp.spread(30.1, n, :rows + 10000) end,
       case when is_open and number % 3 > 0 then timestamptz '2026-11-23 09:30Z' + (number % 500 - 3) * interval '1 hour' end
  from (select *, number % 5 = 0 as is_open, pg_temp.spread(90, n, :rows + 10000) as at
          from (select n, 'u' || n % :users as user_id, n / :users + 1 as number from generate_series(0, :rows - 1) as n
                union all
                select :rows + n, 'heavy', n + 1 from generate_series(0, 9999) as n) as numbered) as tasks
 order by hashint8(n);

insert into task_names (user_id, kind, name, uses)
select user_id, 'label', label, count(*) from tasks, json_array_elements_text(labels) as label where deleted_at is null
 group by user_id, label
 union all
select user_id, 'list', list, count(*) from tasks where deleted_at is null and list is not null group by user_id, list;
-- Each task was done once, and some are parts of another one of their user.
insert into completions (user_id, id, task_id, title, completed_at)
select user_id, id, id, title, created_at from tasks;
update tasks set parent_id = pg_temp.id(:rows) where user_id = 'heavy' and number between 100 and 200;

insert into events (user_id, seq, at, name, data, actor_kind, device_id)
select user_id, seq, at, 'task.deleted', json_build_object('task_id', pg_temp.id(seq)), 'user', 'laptop'
  from (select 'u' || n % :users as user_id, n / :users + 1 as seq, pg_temp.spread(30.1, n, :rows) as at
          from generate_series(0, :rows - 1) as n
        union all
        select 'heavy', n + 1, pg_temp.spread(29, n, 12000) from generate_series(0, 11999) as n) as log
 order by at;

insert into commands (user_id, id, fingerprint, status, seq, body, at)
select case when n % 100 = 0 then 'heavy' else 'u' || n % :users end, pg_temp.id(n), sha256('command'), 200, 1, '{"ok": true}',
       pg_temp.spread(2.01, n, :rows / 2)
  from generate_series(0, :rows / 2 - 1) as n;

insert into undo_entries (user_id, token, at, seq, used, changes)
select case when n % 100 = 0 then 'heavy' else 'u' || n % :users end, 'token-' || n, pg_temp.spread(30.1, n, :rows / 4), n,
       -- The heavy user has taken back the newest ones.
       n % 10 = 9 or n % 100 = 0 and n > :rows / 8, '[]'
  from generate_series(0, :rows / 4 - 1) as n;

insert into search_documents (user_id, kind, id, conversation_id, title, body, words, terms)
select user_id, 'conversation', id, id, title, '', ('''talk'':1A ''' || split_part(title, ' ', 2) || ''':2A')::tsvector, 1
  from conversations
 where deleted_at is null
 union all
select user_id, 'message', id, conversation_id, '', 'Milk is on the list.',
       ('''milk'':1 ''is'':2 ''on'':3 ''the'':4 ''list'':5,10,15,20 ''w' || position % 1000 || ''':6')::tsvector, 1
  from messages
 where state = 'complete'
 union all
select user_id, 'task', id, null, title, description,
       ('''buy'':1A ''milk'':2A ''w' || number % 1000 || ''':3A ''as'':4 ''on'':5 ''the'':6 ''list'':7')::tsvector, 1
  from tasks
 where deleted_at is null;

update users set role = 'owner' where id in ('u0', 'u1');

insert into setup_codes (hash, created_at)
select sha256(n::text::bytea), pg_temp.ago(n) from generate_series(0, 19) as n;

insert into invitations (id, hash, email, uses, used, created_at, expires_at, created_by)
select pg_temp.id(n), sha256(n::text::bytea), case when n % 2 = 0 then 'guest' || n || '@example.org' end, 1, n % 2,
       pg_temp.spread(60, n, :users), pg_temp.spread(30.2, n, :users), 'u' || n % 2
  from generate_series(0, :users - 1) as n;

insert into reset_links (hash, user_id, created_at, expires_at)
select sha256(n::text::bytea), 'u' || n, pg_temp.ago(1), pg_temp.spread(1.01, n, :users) from generate_series(0, :users - 1) as n;

insert into audit (id, at, actor, action, target, node, result)
select pg_temp.id(n), pg_temp.spread(365.1, n, :rows), 'u' || n % :users, 'sign_in', 'u' || n % :users, 'node-0', 'ok'
  from generate_series(0, :rows - 1) as n;

insert into imports (id, at, source)
select pg_temp.id(n), pg_temp.ago(n), 'db/tasks' from generate_series(0, 999) as n;

insert into imported (import_id, account, kind, item)
select pg_temp.id(n % 1000), 'u' || n % :users, 'task', pg_temp.id(n) from generate_series(0, :rows - 1) as n;
