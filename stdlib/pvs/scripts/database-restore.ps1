Restore-Schema $On.instance $On.name $With.file $With.schema
