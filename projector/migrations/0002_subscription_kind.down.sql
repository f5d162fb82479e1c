ALTER TABLE message_subscriptions DROP COLUMN kind;
