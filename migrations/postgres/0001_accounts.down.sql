drop table allowances;
drop table ended_sessions;
drop table personal_tokens;
drop table refresh_tokens;
drop table sessions;
drop table users;
drop table epoch;
