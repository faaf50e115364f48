drop table imported;
drop table imports;
