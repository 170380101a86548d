module avatar-sync-reference

go 1.16
