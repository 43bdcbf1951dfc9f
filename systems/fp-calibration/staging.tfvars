# What `plinth up fp-calibration` deploys with; the variables are in stacks/service.
enable_point_in_time_recovery = true
enable_deletion_protection    = false

# Who is told. Each address gets a mail that asks whether it wants the others: plinth inbox.
critical_alert_emails = ["on-call@phase-mirror.example"]
warning_alert_emails  = []
