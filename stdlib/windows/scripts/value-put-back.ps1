Restore-Value $With.key $With.name $With.type
