-- What can be undone is a document that may be compressed: text, or a blob.
create table undo_entries_packed (
    user_id  text    not null references users (id) on delete cascade,
    token    text    not null,
    at       integer not null,
    -- Where the log stood: the order of the entries, which clocks do not give.
    seq      integer not null,
    used     integer not null,
    changes  any     not null,
    -- The tool call that did it, if one did.
    origin   text,
    -- Whether the change took another one back: it is found by its token alone.
    reversal integer not null default 0,
    primary key (user_id, token)
) strict;
insert into undo_entries_packed (user_id, token, at, seq, used, changes, origin, reversal)
select user_id, token, at, seq, used, changes, origin, reversal from undo_entries;
drop table undo_entries;
alter table undo_entries_packed rename to undo_entries;
create index undo_entries_newest on undo_entries (user_id, seq, at) where not used and not reversal;
create index undo_entries_at on undo_entries (at);
create index undo_entries_log on undo_entries (user_id, seq);
create trigger undo_entries_counted after insert on undo_entries begin
    update users
       set stored_rows = stored_rows + 1,
           stored_bytes = stored_bytes + 100 + octet_length(new.changes),
           log_bytes = log_bytes + 100 + octet_length(new.changes)
     where id = new.user_id;
end;
create trigger undo_entries_uncounted after delete on undo_entries begin
    update users
       set stored_rows = stored_rows - 1,
           stored_bytes = stored_bytes - 100 - (octet_length(old.changes)),
           log_bytes = log_bytes - 100 - (octet_length(old.changes))
     where id = old.user_id;
end;
create trigger undo_entries_recounted after update on undo_entries
when (octet_length(new.changes)) <> (octet_length(old.changes))
begin
    update users
       set stored_bytes = stored_bytes + (octet_length(new.changes)) - (octet_length(old.changes)),
           log_bytes = log_bytes + (octet_length(new.changes)) - (octet_length(old.changes))
     where id = new.user_id;
end;
