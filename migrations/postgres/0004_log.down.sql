drop table undo_entries;
drop table commands;
drop table events;
