Set-Value $With.key $With.name $With.value $With.type
