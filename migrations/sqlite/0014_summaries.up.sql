-- What a conversation said up to a message, in the words of the model: set where it outgrew the context of the model.
alter table messages add column summary text;

-- Beside the triggers of the other columns, so that the schema of before counts them as it did.
create trigger messages_summarised after update of summary on messages
when new.summary is not old.summary
begin
    update users
       set stored_bytes = stored_bytes + coalesce(octet_length(new.summary), 0) - coalesce(octet_length(old.summary), 0)
     where id = new.user_id;
end;
create trigger messages_unsummarised after delete on messages
when old.summary is not null
begin
    update users set stored_bytes = stored_bytes - octet_length(old.summary) where id = old.user_id;
end;
