-- The rows and bytes of completions are counted by their triggers.
delete from completions;
drop table completions;
drop function completions_counted();
drop function completions_uncounted();
drop index tasks_parts;
alter table tasks drop column occurrence;
alter table tasks drop column recurrence_start;
