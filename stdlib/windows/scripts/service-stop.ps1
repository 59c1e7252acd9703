Stop-KnownService $On.service
