-- The fields of forms that models describe.

ALTER TABLE user_tasks ADD COLUMN fields jsonb; -- list of objects; NULL for none
