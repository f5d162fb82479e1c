-- Element instances wait for signals and conditions too. The table keeps its
-- name; what waits for a condition has an empty name.

ALTER TABLE message_subscriptions ADD COLUMN kind text NOT NULL DEFAULT 'message'; -- message, signal, condition
