-- Text that running replies have streamed since their messages were written: each second one transaction adds what came, for all
-- replies of a node. A message is written whole with its calls and at its end, when its run and these rows go. Rows of an older
-- attempt than the message's do not count.
create table reply_texts (
    user_id    text   not null,
    message_id uuid   not null,
    attempt    bigint not null,
    part       bigint not null,
    -- `text` or `reasoning`, as the part is.
    kind       text   not null,
    -- In UTF-8 bytes from the start of the part.
    start      bigint not null,
    -- A JSON string: a text of PostgreSQL holds no NUL.
    body       json   not null,
    primary key (user_id, message_id, attempt, part, start),
    foreign key (user_id, message_id) references runs (user_id, message_id) on delete cascade
);

alter table reply_texts enable row level security;
alter table reply_texts force row level security;
create policy visible on reply_texts using (case
    when user_id = (select nullif(current_setting('tandem.user_id', true), '')) then 1
    when (select current_setting('tandem.system', true)) = 'on' then 1
end is not null);
