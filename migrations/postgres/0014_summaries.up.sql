-- What a conversation said up to a message, in the words of the model: set where it outgrew the context of the model.
alter table messages add column summary json;

-- Beside the triggers of the other columns, so that the schema of before counts them as it did.
create function count_summary() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        update users set stored_bytes = stored_bytes - octet_length(old.summary::text) where id = old.user_id;
        return null;
    end if;
    update users
       set stored_bytes = stored_bytes + coalesce(octet_length(new.summary::text), 0) - coalesce(octet_length(old.summary::text), 0)
     where id = new.user_id;
    return null;
end
$$;
create trigger messages_summarised after update of summary on messages
   for each row when (new.summary::text is distinct from old.summary::text) execute function count_summary();
create trigger messages_unsummarised after delete on messages
   for each row when (old.summary is not null) execute function count_summary();
