CREATE TABLE `account` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`domain_id` integer NOT NULL,
	`address` text NOT NULL,
	`local_part` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`quota_bytes` integer,
	`suspended_in` integer DEFAULT false NOT NULL,
	`suspended_out` integer DEFAULT false NOT NULL,
	`suspended_login` integer DEFAULT false NOT NULL,
	`suspended_reason` text,
	`credential_version` integer DEFAULT 1 NOT NULL,
	`usage_bytes` integer DEFAULT 0 NOT NULL,
	`usage_messages` integer DEFAULT 0 NOT NULL,
	`dirty` integer DEFAULT false NOT NULL,
	`full_since` integer,
	`last_login_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customer`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`domain_id`) REFERENCES `domain`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `account_address_unique` ON `account` (`address`);--> statement-breakpoint
CREATE INDEX `account_domain` ON `account` (`domain_id`,`address`);--> statement-breakpoint
CREATE INDEX `account_customer` ON `account` (`customer_id`,`address`);--> statement-breakpoint
CREATE INDEX `account_usage` ON `account` (`usage_bytes`,`id`);--> statement-breakpoint
CREATE TABLE `app_password` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`prefix` text NOT NULL,
	`hmac` blob NOT NULL,
	`label` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `account`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `app_password_prefix` ON `app_password` (`prefix`);--> statement-breakpoint
CREATE INDEX `app_password_account` ON `app_password` (`account_id`);--> statement-breakpoint
CREATE TABLE `credential` (
	`account_id` integer PRIMARY KEY NOT NULL,
	`password_phc` text NOT NULL,
	`scram_salt` blob NOT NULL,
	`scram_iterations` integer NOT NULL,
	`sha256_stored_key` blob NOT NULL,
	`sha256_server_key` blob NOT NULL,
	`sha1_stored_key` blob NOT NULL,
	`sha1_server_key` blob NOT NULL,
	`changed_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `account`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `removal` (
	`account_id` integer PRIMARY KEY NOT NULL,
	`removed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sender_grant` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`address` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `account`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sender_grant_address` ON `sender_grant` (`account_id`,`address`);--> statement-breakpoint
CREATE TABLE `address` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`domain_id` integer NOT NULL,
	`local_part` text NOT NULL,
	`address` text NOT NULL,
	`kind` text NOT NULL,
	`keep_copy` integer DEFAULT false NOT NULL,
	`reject_text` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customer`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`domain_id`) REFERENCES `domain`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `address_local` ON `address` (`domain_id`,`local_part`);--> statement-breakpoint
CREATE INDEX `address_customer` ON `address` (`customer_id`,`address`);--> statement-breakpoint
CREATE TABLE `address_target` (
	`address_id` integer NOT NULL,
	`position` integer NOT NULL,
	`target` text NOT NULL,
	PRIMARY KEY(`address_id`, `position`),
	FOREIGN KEY (`address_id`) REFERENCES `address`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `address_target_target` ON `address_target` (`target`);--> statement-breakpoint
CREATE TABLE `customer` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`parent_id` integer,
	`name` text NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`suspended_reason` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `customer_name_unique` ON `customer` (`name`);--> statement-breakpoint
CREATE INDEX `customer_parent` ON `customer` (`parent_id`);--> statement-breakpoint
CREATE TABLE `dkim_key` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`domain_id` integer NOT NULL,
	`selector` text NOT NULL,
	`algorithm` text NOT NULL,
	`private_key_pem` text NOT NULL,
	`public_key` text NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domain`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `dkim_key_selector` ON `dkim_key` (`domain_id`,`selector`);--> statement-breakpoint
CREATE TABLE `domain` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`name` text NOT NULL,
	`state` text NOT NULL,
	`proof_token` text NOT NULL,
	`proven_at` integer,
	`suspended_reason` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customer`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `domain_name_unique` ON `domain` (`name`);--> statement-breakpoint
CREATE INDEX `domain_customer` ON `domain` (`customer_id`,`name`);--> statement-breakpoint
CREATE TABLE `counter` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `secret` (
	`name` text PRIMARY KEY NOT NULL,
	`value` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `setting` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` integer,
	`actor_name` text NOT NULL,
	`customer_id` integer,
	`remote_address` text DEFAULT '' NOT NULL,
	`action` text NOT NULL,
	`object` text NOT NULL,
	`detail` text DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_customer` ON `audit` (`customer_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_object` ON `audit` (`object`,`id`);--> statement-breakpoint
CREATE TABLE `domain_check` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`domain_id` integer NOT NULL,
	`checked_at` integer NOT NULL,
	`delivers` integer,
	`report` text NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domain`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `domain_check_domain` ON `domain_check` (`domain_id`,`id`);--> statement-breakpoint
CREATE TABLE `api_token` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`prefix` text NOT NULL,
	`hmac` blob NOT NULL,
	`role` text NOT NULL,
	`customer_id` integer NOT NULL,
	`label` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	FOREIGN KEY (`customer_id`) REFERENCES `customer`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_token_prefix_unique` ON `api_token` (`prefix`);--> statement-breakpoint
CREATE INDEX `api_token_customer` ON `api_token` (`customer_id`);--> statement-breakpoint
CREATE TABLE `panel_user` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`email` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`password_phc` text NOT NULL,
	`role` text NOT NULL,
	`customer_id` integer NOT NULL,
	`credential_version` integer DEFAULT 1 NOT NULL,
	`suspended` integer DEFAULT false NOT NULL,
	`last_login_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customer`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `panel_user_email_unique` ON `panel_user` (`email`);--> statement-breakpoint
CREATE TABLE `setup_token` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`purpose` text NOT NULL,
	`hash` blob NOT NULL,
	`hostname` text DEFAULT '' NOT NULL,
	`email` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `setup_token_hash_unique` ON `setup_token` (`hash`);--> statement-breakpoint
CREATE TABLE `web_session` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`token_hash` blob NOT NULL,
	`csrf` text NOT NULL,
	`panel_user_id` integer,
	`account_id` integer,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`remote_address` text NOT NULL,
	`agent` text NOT NULL,
	FOREIGN KEY (`panel_user_id`) REFERENCES `panel_user`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `account`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `web_session_token` ON `web_session` (`token_hash`);--> statement-breakpoint
CREATE INDEX `web_session_user` ON `web_session` (`panel_user_id`);--> statement-breakpoint
CREATE INDEX `web_session_account` ON `web_session` (`account_id`);--> statement-breakpoint
CREATE INDEX `web_session_expiry` ON `web_session` (`expires_at`);