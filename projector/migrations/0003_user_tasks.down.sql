ALTER TABLE jobs DROP COLUMN listener;
ALTER TABLE user_tasks DROP COLUMN denied;
ALTER TABLE user_tasks DROP COLUMN pending;
ALTER TABLE user_tasks DROP COLUMN form_version;
ALTER TABLE user_tasks DROP COLUMN form_binding;
ALTER TABLE user_tasks DROP COLUMN description;
ALTER TABLE user_tasks DROP COLUMN category;
ALTER TABLE user_tasks DROP COLUMN owner;
