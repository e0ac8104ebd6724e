global using Agt.Testing;
global using Microsoft.SemanticKernel;
global using Xunit;
global using Microsoft.Extensions.DependencyInjection;
