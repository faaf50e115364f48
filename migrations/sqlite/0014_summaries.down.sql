-- The counters must not keep what is dropped.
update messages set summary = null where summary is not null;
drop trigger messages_unsummarised;
drop trigger messages_summarised;
alter table messages drop column summary;
