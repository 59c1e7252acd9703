Stop-KnownService $Services
