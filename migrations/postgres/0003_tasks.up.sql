create table tasks (
    user_id           text        not null references users (id) on delete cascade,
    id                uuid        not null,
    number            bigint      not null,
    title             text        not null,
    description       text        not null,
    -- Title and description in lower case, made by the server: `lower` depends on the database's locale.
    folded            text        not null,
    status            text        not null,
    priority          text        not null,
    due_date          date,
    due_time          time,
    due_zone          text,
    -- The instant after which it is overdue.
    due_at            timestamptz,
    recurrence_rule   text,
    recurrence_anchor text,
    labels            json        not null,
    list              text,
    parent_id         uuid,
    -- Compared as bytes.
    position          text        not null collate "C",
    rev               bigint      not null,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    completed_at      timestamptz,
    -- In the trash since.
    deleted_at        timestamptz,
    primary key (user_id, id),
    unique (user_id, number)
);
create index tasks_place on tasks (user_id, position, number) where deleted_at is null;
create index tasks_list on tasks (user_id, list, position, number) where deleted_at is null;
create index tasks_due on tasks (user_id, due_date) where deleted_at is null;
create index tasks_trash on tasks (deleted_at) where deleted_at is not null;

do $$
declare
    name text;
begin
    foreach name in array array['tasks'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy visible on %I using (case
            when user_id = (select nullif(current_setting(''tandem.user_id'', true), '''')) then 1
            when (select current_setting(''tandem.system'', true)) = ''on'' then 1
        end is not null)', name);
    end loop;
end
$$;
