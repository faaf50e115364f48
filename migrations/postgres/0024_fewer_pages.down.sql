create index messages_active on messages (user_id, created_at) where state in ('queued', 'streaming');
