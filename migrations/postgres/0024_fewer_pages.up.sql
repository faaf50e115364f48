-- Messages that have not ended are found by their runs, which are few. The index was written when a reply began, and when it
-- ended.
drop index messages_active;
