-- Text that running replies have streamed since their messages were written: each second one transaction adds what came, for all
-- replies of a node. A message is written whole with its calls and at its end, when its run and these rows go. Rows of an older
-- attempt than the message's do not count.
create table reply_texts (
    user_id    text    not null,
    message_id blob    not null,
    attempt    integer not null,
    part       integer not null,
    -- `text` or `reasoning`, as the part is.
    kind       text    not null,
    -- In UTF-8 bytes from the start of the part.
    start      integer not null,
    -- A JSON string.
    body       text    not null,
    primary key (user_id, message_id, attempt, part, start),
    foreign key (user_id, message_id) references runs (user_id, message_id) on delete cascade
) strict;
