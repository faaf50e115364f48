drop index conversations_pinned;
alter table conversations drop column provider;
alter table conversations drop column archived;
alter table conversations drop column pinned;
