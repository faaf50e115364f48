drop table run_steps;
drop table runs;
drop table messages;
drop table conversations;
