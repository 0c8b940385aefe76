drop table flow_schedules;
