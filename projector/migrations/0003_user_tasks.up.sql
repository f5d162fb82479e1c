-- What flowable and listeners add to user tasks, which version of a form is
-- meant, and which jobs are listeners.

ALTER TABLE user_tasks ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE user_tasks ADD COLUMN category text NOT NULL DEFAULT '';
ALTER TABLE user_tasks ADD COLUMN description text NOT NULL DEFAULT '';
ALTER TABLE user_tasks ADD COLUMN form_binding text NOT NULL DEFAULT '';
ALTER TABLE user_tasks ADD COLUMN form_version text NOT NULL DEFAULT '';
ALTER TABLE user_tasks ADD COLUMN pending text NOT NULL DEFAULT ''; -- creating, assigning, updating, completing
ALTER TABLE user_tasks ADD COLUMN denied text NOT NULL DEFAULT '';  -- why a listener denied the newest transition
ALTER TABLE jobs ADD COLUMN listener text NOT NULL DEFAULT '';      -- the event that the job listens to
