module avatar-sync-client

go 1.16
