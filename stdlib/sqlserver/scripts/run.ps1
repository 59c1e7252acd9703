Update-Schema $On.instance $On.name $With.script $With.schema
